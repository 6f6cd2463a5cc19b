//! Requests: whose vote they wait for, and who hears of them.

use crate::house::{BLUE, House, RED, at, of_all, of_team, point, team, vm};
use crate::roles::{furnish_further, plan, plan_hash, request};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::audit::AuditSubject;
use domain::document::PlanForm;
use domain::ids::{PointId, RequestId, RunId, UserId};
use domain::news::News;
use domain::plan::{Header, Plan, PlanHash, Purpose, SealedPlan};
use domain::request::{Asked, CastVote, Request, RequestState, Vote, Window};
use domain::say::{Language, Say};
use domain::services::Backend;
use domain::subject::Subject;
use domain::time::Timestamp;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::time::Duration;

const REASON: &str = "a reason that is long enough";

pub async fn furnished() -> House {
    let house = House::furnished().await;
    furnish_further(&house).await;
    house
}

/// Gives an account this role; makes the account unless it is the one that has asked for everything here.
pub async fn account(house: &House, name: &str, role: Role, scope: Scope) -> Actor {
    let grants = vec![Grant { role, scope }];
    let actor = Actor {
        id: UserId::new(name),
        name: name.into(),
        grants,
    };
    let tx = house.store.begin().await.unwrap();
    if name != "asker" {
        tx.insert_user(&actor.id, name, "").await.unwrap();
    }
    tx.set_grants(&actor.id, &actor.grants).await.unwrap();
    tx.commit().await.unwrap();
    actor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_taken_away_is_written_down() {
    let house = furnished().await;
    let documents = &house.backend.documents;
    let (auditor, hash) = (of_all(Role::Auditor), plan_hash());
    let text = documents.download_plan(&auditor, &hash, PlanForm::Text).await.unwrap();
    assert!(text.contains(hash.as_str()), "{text}");
    let script = documents
        .download_plan(&auditor, &hash, PlanForm::Script)
        .await
        .unwrap();
    assert!(
        script.lines().all(|line| line.is_empty() || line.starts_with('#')),
        "{script}"
    );
    assert!(script.contains(hash.as_str()), "{script}");
    let rows = house.trail("plan.downloaded.v1").await;
    let told: Vec<_> = rows.iter().map(|row| row.event.detail.say(Language::En)).collect();
    let of = format!("of plan {}.", hash.short());
    assert_eq!(told, [format!("plan.txt {of}"), format!("plan.ovmcli {of}")]);
    assert_eq!(rows[0].event.subject, AuditSubject::Object(plan().header.subject.at()));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_whose_vote_is_missing_are_named_to_whoever_sees_the_request() {
    let house = furnished().await;
    let asker = account(&house, "asker", Role::Approver, Scope::All).await;
    let anna = account(&house, "anna", Role::Approver, Scope::All).await;
    let bert = account(&house, "bert", Role::Approver, Scope::All).await;
    account(&house, "carl", Role::Approver, Scope::Team(team(BLUE))).await;
    account(&house, "dora", Role::RestoreOperator, Scope::All).await;
    let Backend {
        estate,
        restores,
        accounts,
        ..
    } = &house.backend;
    let (id, admin) = (RequestId::new("request"), of_all(Role::Administrator));
    let approvers = async || restores.get(&of_all(Role::Viewer), &id).await.unwrap().approvers;
    assert_eq!(
        approvers().await,
        ["anna", "bert"],
        "the one who asks is not waited for"
    );
    // While there is no administrator, nobody can be disabled.
    account(&house, "root", Role::Administrator, Scope::All).await;
    accounts.set_disabled(&admin, &bert.id, true).await.unwrap();
    assert_eq!(approvers().await, ["anna"], "who cannot log in cannot vote");
    let moved = estate.set_team(&admin, &at("free"), Some(team(BLUE))).await;
    moved.unwrap();
    assert_eq!(approvers().await, ["anna", "carl"]);
    let cast = CastVote {
        user: anna.id,
        user_name: anna.name,
        vote: Vote::Approve,
        reason: String::new(),
        at: Timestamp(1),
        seen: (&plan_hash()).into(),
    };
    let tx = house.store.begin().await.unwrap();
    tx.insert_vote(&id, &asker.id, &cast).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(approvers().await, ["carl"], "one person counts once");
    restores.withdraw(&asker, &id).await.unwrap();
    assert_eq!(approvers().await, [""; 0]);
}

/// A plan to restore a machine, stored. Plans of other numbers are others.
pub async fn restore_plan(house: &House, of: &str, number: u8) -> PlanHash {
    let purpose = Purpose::RestoreInPlace {
        point: PointId::new(format!("point-{of}")),
        taken_at: Timestamp(2000),
        snapshot: "s1".into(),
        contents: Vec::new(),
    };
    let header = Header {
        purpose,
        run: RunId::new(format!("run-{of}-{number}")),
        subject: Subject::vm(&crate::house::manager(), &vm(of), of),
        ..plan().header
    };
    let sealed = SealedPlan::seal(Plan { header, ..plan() }).unwrap();
    let tx = house.store.begin().await.unwrap();
    tx.insert_plan(&sealed, &UserId::new("asker"), Timestamp(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    sealed.hash().clone()
}

/// The next request that somebody hears of.
async fn heard(news: &mut BoxStream<'static, News>) -> RequestId {
    let next = async {
        loop {
            if let News::Request(id) = news.next().await.unwrap() {
                return id;
            }
        }
    };
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, next).await.expect("nothing is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_a_request_is_told_to_those_who_see_it() {
    let house = furnished().await;
    for of in [BLUE, RED] {
        house.insert(&point(&format!("point-{of}"), of, "s1", "00")).await;
    }
    let asker = account(&house, "asker", Role::RestoreOperator, Scope::All).await;
    let anna = account(&house, "anna", Role::Approver, Scope::All).await;
    let Backend { runs, restores, .. } = &house.backend;
    let mut blue = runs.events(&of_team(Role::Viewer, BLUE)).await.unwrap();
    let mut red = runs.events(&of_team(Role::Viewer, RED)).await.unwrap();

    let plan = restore_plan(&house, BLUE, 1).await;
    let vetoed = restores
        .submit(&asker, &plan, REASON, None, Window::default())
        .await
        .unwrap();
    assert_eq!(heard(&mut blue).await, vetoed, "it was made");
    let state = restores.vote(&anna, &vetoed, &(&plan).into(), Vote::Veto, REASON).await;
    assert_eq!(state, Ok(RequestState::Vetoed));
    assert_eq!(heard(&mut blue).await, vetoed, "it was voted on");

    let plan = restore_plan(&house, BLUE, 2).await;
    let withdrawn = restores
        .submit(&asker, &plan, REASON, None, Window::default())
        .await
        .unwrap();
    assert_eq!(heard(&mut blue).await, withdrawn);
    restores.withdraw(&asker, &withdrawn).await.unwrap();
    assert_eq!(heard(&mut blue).await, withdrawn, "it was withdrawn");

    let late = late_request(&house).await;
    assert_eq!(heard(&mut blue).await, late, "its time is over");
    let view = restores.get(&anna, &late).await.unwrap();
    assert_eq!(view.request.state, RequestState::Expired, "what is told is stored");

    let plan = restore_plan(&house, RED, 1).await;
    let reds = restores
        .submit(&asker, &plan, REASON, None, Window::default())
        .await
        .unwrap();
    assert_eq!(heard(&mut red).await, reds, "of the other team's nothing was heard");
}

/// A request of the team blue for which it is too late to vote.
async fn late_request(house: &House) -> RequestId {
    let sealed = SealedPlan::seal(plan()).unwrap();
    let late = Request {
        id: RequestId::new("late"),
        asked: Asked::Plan {
            hash: sealed.hash().clone(),
            point: PointId::new("point"),
            subject: at(BLUE).named("blue machine"),
            window: Window::default(),
        },
        expires_at: Timestamp(1),
        ..request(&sealed, UserId::new("asker"))
    };
    let tx = house.store.begin().await.unwrap();
    tx.insert_request(&late).await.unwrap();
    tx.commit().await.unwrap();
    late.id
}
