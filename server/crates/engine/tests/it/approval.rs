//! Requests of people, and approvals of people, who may not any more when the run is to begin.

use domain::actor::Actor;
use domain::audit::AuditSubject;
use domain::policy::{BackupMethod, RestoreGate};
use domain::request::{RequestState, Vote};
use domain::run::RunState;
use world::World;

const VM: &str = "web01";

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_does_not_begin_when_its_approver_has_lost_the_role_since() {
    let mut world = World::start().await;
    let gate = RestoreGate::Approval { approvers: 1 };
    world.protect(VM, BackupMethod::Reflink, gate).await;
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    let (request, hash) = world.request_restore(&point).await;
    // Nobody is there to begin the run.
    world.stop_engine().await;
    let Actor { id: anna, .. } = world.people.approver.clone();
    let (restores, accounts) = (world.backend.restores.clone(), world.backend.accounts.clone());
    let approver = &world.people.approver;
    let approved = restores.vote(approver, &request, &hash, Vote::Approve, "").await;
    assert_eq!(approved, Ok(RequestState::Approved));
    accounts
        .set_grants(&world.people.admin, &anna, Vec::new())
        .await
        .unwrap();
    world.restart(None).await;

    let operator = world.people.operator.clone();
    let run = restores.get(&operator, &request).await.unwrap().request.run.unwrap();
    let stands = world.until(&run, |state| state.is_over() || state == RunState::Waiting);
    assert!(stands.await.journal.is_empty(), "it has begun");
    world
        .fails(&run, &["anna may no longer decide", "only 0 of 1 approvals count"])
        .await;
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    assert!(world.vm_is_running(VM).await);
    let request_now = restores.get(&operator, &request).await.unwrap().request;
    assert_eq!(request_now.state, RequestState::Void);
    assert_eq!(request_now.votes.len(), 1, "who had agreed stays to be seen");
    let trail = world.store.audit_all().await.unwrap();
    let void = trail.iter().find(|row| row.event.event == "restore.approval_void.v1");
    let void = &void.unwrap().event;
    assert_eq!(void.subject, AuditSubject::Request(request.clone()));
    assert_eq!(void.plan_hash.as_deref(), Some(hash.as_str()));

    // With the role back, a new request runs.
    let gone_and_back = world.people.approver.grants.clone();
    world
        .backend
        .accounts
        .set_grants(&world.people.admin, &anna, gone_and_back)
        .await
        .unwrap();
    world.restored(&point).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_does_not_begin_when_its_requester_has_lost_the_role_since() {
    let mut world = World::start().await;
    let gate = RestoreGate::Approval { approvers: 1 };
    world.protect(VM, BackupMethod::Reflink, gate).await;
    let point = world.back_up(VM).await.manifest.point;
    let (request, hash) = world.request_restore(&point).await;
    world.stop_engine().await;
    let (restores, accounts) = (world.backend.restores.clone(), world.backend.accounts.clone());
    let approver = &world.people.approver.clone();
    let approved = restores.vote(approver, &request, &hash, Vote::Approve, "").await;
    assert_eq!(approved, Ok(RequestState::Approved));
    let operator = world.people.operator.clone();
    accounts
        .set_grants(&world.people.admin, &operator.id, Vec::new())
        .await
        .unwrap();
    world.restart(None).await;
    let run = restores.get(approver, &request).await.unwrap().request.run.unwrap();
    let stands = world.until(&run, |state| state.is_over() || state == RunState::Waiting);
    assert!(stands.await.journal.is_empty(), "it has begun");
    world.fails(&run, &[&operator.name, "no longer has the right"]).await;
    let request = restores.get(approver, &request).await.unwrap().request;
    assert_eq!(request.state, RequestState::Void);
    world.stop().await;
}
