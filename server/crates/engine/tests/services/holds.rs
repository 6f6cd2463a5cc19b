//! Runs that wait in line for a machine which another run has in hand.

use crate::house::{House, at, of_all, point};
use crate::roles::{plan, plan_hash, request, run};
use domain::actor::{Actor, Role};
use domain::error::ServiceError;
use domain::ids::{RequestId, RunId, UserId};
use domain::plan::{Header, Plan, PlanHash, SealedPlan};
use domain::request::{RequestState, Vote};
use domain::run::Message;
use domain::run::{RunState, RunSummary};
use domain::services::RunFilter;
use domain::time::{Clock, Timestamp};
use engine::core::SystemClock;

const ASKER: &str = "asker";

/// A house in which another server makes a backup of the machine "free".
pub async fn busy_house() -> House {
    let house = House::furnished().await;
    let sealed = backup_plan("busy");
    let tx = house.store.begin().await.unwrap();
    tx.insert_user(&UserId::new(ASKER), ASKER, "").await.unwrap();
    tx.insert_plan(&sealed, &UserId::new(ASKER), Timestamp(0))
        .await
        .unwrap();
    let busy = store::NewRun {
        id: RunId::new("busy"),
        ..run(&sealed)
    };
    tx.insert_run(&busy).await.unwrap();
    let another = store::NewProcess {
        id: "another".into(),
        host: "another server".into(),
        lease_secs: 3600,
    };
    tx.begin_process(&another, SystemClock.now()).await.unwrap();
    let claim = tx.claim_run(&another.id, &[], SystemClock.now()).await.unwrap();
    let fence = claim.unwrap().fence;
    tx.set_run_state(&busy.id, fence, RunState::Running, &[], None, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    house
}

/// A plan to back the machine up; those of other runs are others.
pub fn backup_plan(run: &str) -> SealedPlan {
    let header = Header {
        run: RunId::new(run),
        ..plan().header
    };
    SealedPlan::seal(Plan { header, ..plan() }).unwrap()
}

pub async fn kept(house: &House, sealed: &SealedPlan) -> PlanHash {
    let tx = house.store.begin().await.unwrap();
    tx.insert_plan(sealed, &UserId::new(ASKER), Timestamp(0)).await.unwrap();
    tx.commit().await.unwrap();
    sealed.hash().clone()
}

async fn summary(house: &House, run: &RunId) -> RunSummary {
    house.store.run(run).await.unwrap().unwrap().summary
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_counts_while_a_backup_has_the_machine_and_the_restore_waits_for_it() {
    let house = busy_house().await;
    house.insert(&point("point", "free", "none", "00")).await;
    let (sealed, anna) = (SealedPlan::seal(plan()).unwrap(), UserId::new("anna"));
    kept(&house, &sealed).await;
    let tx = house.store.begin().await.unwrap();
    tx.insert_user(&anna, "anna", "").await.unwrap();
    tx.insert_request(&request(&sealed, UserId::new(ASKER))).await.unwrap();
    tx.commit().await.unwrap();
    let approver = Actor {
        id: anna,
        ..of_all(Role::Approver)
    };

    let id = RequestId::new("request");
    let restores = &house.backend.restores;
    let voted = restores
        .vote(&approver, &id, &(&plan_hash()).into(), Vote::Approve, "")
        .await;
    assert_eq!(voted, Ok(RequestState::Approved));
    let approved = restores.get(&approver, &id).await.unwrap().request;
    assert_eq!(
        (approved.approvals(), approved.run.clone()),
        (1, Some(RunId::new("run")))
    );
    let waiting = summary(&house, &RunId::new("run")).await;
    assert_eq!(waiting.state, RunState::Queued);
    assert_eq!(waiting.waiting_for, [RunId::new("busy")]);
    let listed = house
        .backend
        .runs
        .list(&approver, &RunFilter::default())
        .await
        .unwrap()
        .rows;
    assert!(listed.contains(&waiting), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_waits_already_is_not_queued_twice() {
    let house = busy_house().await;
    let (operator, runs) = (of_all(Role::BackupOperator), &house.backend.runs);
    let first = kept(&house, &backup_plan("first")).await;
    let first = runs.start_backup(&operator, &first).await.unwrap();
    assert_eq!(summary(&house, &first).await.waiting_for, [RunId::new("busy")]);
    let second = kept(&house, &backup_plan("second")).await;
    let refused = runs.start_backup(&operator, &second).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Conflict(_)), "{refused}");
    assert!(refused.to_string().contains("queued already"), "{refused}");

    runs.cancel(&operator, &first).await.unwrap();
    let ended = summary(&house, &first).await;
    assert_eq!(ended.state, RunState::Cancelled, "nobody has to work on it for that");
    assert_eq!(ended.message, [Message::CancelledInTime.into()]);
    assert_eq!(house.trail("run.cancelled.v1").await.len(), 1);
    runs.start_backup(&operator, &second).await.unwrap();
    assert_eq!(summary(&house, &RunId::new("busy")).await.state, RunState::Running);
    assert_eq!(summary(&house, &RunId::new("second")).await.subject.at(), at("free"));
}
