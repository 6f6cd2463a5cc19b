//! The main job: back up, overwrite, restore with approval, commit or roll back, compare bytes.

use domain::policy::{BackupMethod, RestoreGate};
use domain::request::{RequestState, Vote, Window};
use domain::run::Decision;
use domain::services::AuditFilter;
use world::World;

const APPROVAL: RestoreGate = RestoreGate::Approval { approvers: 1 };

/// Backs up, overwrites, restores, and returns once the restored machine waits for a decision.
async fn restored(
    world: &World,
    vm: &str,
    slots: &[u32],
    method: BackupMethod,
) -> (domain::ids::RunId, Vec<String>, Vec<String>) {
    world.protect(vm, method, APPROVAL).await;
    let before = world.hashes(vm, slots);
    let point = world.back_up(vm).await;
    let stored: Vec<&str> = point.manifest.disks().iter().map(|disk| disk.sha256.as_str()).collect();
    assert_eq!(stored, before, "what is stored is what the disks held");
    world.assert_clean("a backup");
    for slot in slots {
        world.lab.scribble(world.vm(vm).as_str(), *slot).unwrap();
    }
    let overwritten = world.hashes(vm, slots);
    assert!(before.iter().zip(&overwritten).all(|(before, after)| before != after));
    let run = world.start_restore(&point.manifest.point).await;
    world.waiting(&run).await;
    assert_eq!(
        world.hashes(vm, slots),
        before,
        "the disks are those of the recovery point"
    );
    assert!(world.vm_is_running(vm).await);
    (run, before, overwritten)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_with_two_repositories_and_a_cd_comes_back_and_is_committed() {
    let world = World::start().await;
    let (run, before, _) = restored(&world, "erp-app01", &[0, 1], BackupMethod::ManagerClone).await;
    let ended = world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes("erp-app01", &[0, 1]), before);
    world.assert_clean("a commit");
    let shown = world
        .lab
        .execute(&format!("show Vm id={}", world.vm("erp-app01")))
        .await;
    assert!(
        shown.contains("High Availability = Yes"),
        "high availability is as before: {shown}"
    );
    trail_tells_the_story(&world, &ended.summary.plan_hash.to_string()).await;
    world.stop().await;
}

async fn trail_tells_the_story(world: &World, hash: &str) {
    let auditor = world::person(
        &world.backend,
        &world.people.admin,
        "aud",
        &[domain::actor::Role::Auditor],
    )
    .await;
    let filter = AuditFilter {
        text: Some(hash.to_owned()),
        before: None,
    };
    let page = world.backend.audit.page(&auditor, &filter).await.unwrap();
    assert_eq!(page.broken_at, None);
    let told: Vec<(&str, &str)> = page
        .rows
        .iter()
        .rev()
        .map(|row| (row.event.event.as_str(), row.event.actor.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("restore.requested.v1", "olga"),
            ("restore.approved.v1", "anna"),
            ("restore.queued.v1", "anna"),
            ("restore.committed.v1", "olga"),
            ("run.ended.v1", "holdfast"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling_back_brings_the_overwritten_bytes_back() {
    let world = World::start().await;
    let (run, _, overwritten) = restored(&world, "web01", &[0], BackupMethod::Reflink).await;
    world.decide(&run, Decision::RollBack).await;
    assert_eq!(world.hashes("web01", &[0]), overwritten);
    assert!(world.vm_is_running("web01").await);
    world.assert_clean("a roll back");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_on_nfs_is_stopped_copied_started_and_restored() {
    let world = World::start().await;
    let (run, before, _) = restored(&world, "intranet", &[0], BackupMethod::ManagerClone).await;
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes("intranet", &[0]), before);
    world.assert_clean("a commit on NFS");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holes_are_not_read_and_luns_are_named_as_not_contained() {
    let world = World::start().await;
    world.protect("archive01", BackupMethod::Reflink, APPROVAL).await;
    let point = world.back_up("archive01").await;
    let large = point.manifest.disks().iter().find(|disk| disk.slot == 1).unwrap();
    assert_eq!(large.size_bytes, 20 << 30);
    assert!(
        large.read_bytes < 200 << 20,
        "{} bytes of 20 GiB were read",
        large.read_bytes
    );

    world.protect("db01", BackupMethod::ManagerClone, APPROVAL).await;
    let point = world.back_up("db01").await;
    assert_eq!(point.manifest.disks().len(), 1);
    assert!(!point.manifest.not_contained.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_his_own_request_and_a_veto_ends_it() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, APPROVAL).await;
    let point = world.back_up("web01").await.manifest.point;
    let both = [domain::actor::Role::RestoreOperator, domain::actor::Role::Approver];
    let both = world::person(&world.backend, &world.people.admin, "bert", &both).await;
    let draft = world
        .backend
        .restores
        .plan(&both, &point, &Default::default())
        .await
        .unwrap();
    let request = world
        .backend
        .restores
        .submit(&both, &draft.hash, "I want it back myself", None, Window::default())
        .await
        .unwrap();
    let again = world
        .backend
        .restores
        .submit(&both, &draft.hash, "I press twice", None, Window::default())
        .await;
    assert!(again.unwrap_err().to_string().contains("requested already"));
    let known = world.backend.restores.of_plan(&both, &draft.hash).await;
    assert_eq!(known, Ok(Some(request.clone())));
    let own = world
        .backend
        .restores
        .vote(&both, &request, &(&draft.hash).into(), Vote::Approve, "")
        .await;
    assert!(own.unwrap_err().to_string().contains("yourself"));
    let vetoed = world
        .backend
        .restores
        .vote(
            &world.people.approver,
            &request,
            &(&draft.hash).into(),
            Vote::Veto,
            "not during the day",
        )
        .await;
    assert_eq!(vetoed.unwrap(), RequestState::Vetoed);
    assert!(
        world
            .backend
            .restores
            .vote(
                &world.people.approver,
                &request,
                &(&draft.hash).into(),
                Vote::Approve,
                ""
            )
            .await
            .is_err()
    );
    world.stop().await;
}
