//! An approved restore may begin in its window and not outside of it; before that it can still be stopped.

use crate::holds::{backup_plan, busy_house, kept};
use crate::house::{BLUE, House, point};
use crate::requests::{account, furnished, restore_plan};
use domain::actor::{Actor, Role, Scope};
use domain::error::ServiceError;
use domain::ids::{RequestId, RunId, UserId};
use domain::plan::{Header, Plan, PlanHash, SealedPlan};
use domain::request::{Request, RequestState, Vote, Window};
use domain::run::Message;
use domain::run::RunState;
use domain::say::{Language, Say};
use domain::services::RequestView;
use domain::time::{Clock, Timestamp};
use engine::core::SystemClock;
use std::time::Duration;

const REASON: &str = "a reason that is long enough";

/// People, and a restore that one of them has requested for a window.
struct Story {
    house: House,
    asker: Actor,
    anna: Actor,
    bert: Actor,
    plan: PlanHash,
    id: RequestId,
}

/// The time in so many hours.
fn in_hours(hours: i64) -> Option<Timestamp> {
    Some(SystemClock.now().plus_seconds(hours * 3600))
}

/// From in two hours until in four.
fn soon() -> Window {
    Window {
        not_before: in_hours(2),
        not_after: in_hours(4),
    }
}

async fn state_of(house: &House, run: &RunId) -> RunState {
    house.store.run(run).await.unwrap().unwrap().summary.state
}

/// The state in which the run is over.
async fn end_of(house: &House, run: &RunId) -> RunState {
    let end = async {
        loop {
            let state = state_of(house, run).await;
            if state.is_over() {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), end).await.unwrap()
}

impl Story {
    async fn requested(window: Window) -> Self {
        let house = furnished().await;
        house.insert(&point(&format!("point-{BLUE}"), BLUE, "s1", "00")).await;
        let asker = account(&house, "asker", Role::RestoreOperator, Scope::All).await;
        let anna = account(&house, "anna", Role::Approver, Scope::All).await;
        let bert = account(&house, "bert", Role::Approver, Scope::All).await;
        let plan = restore_plan(&house, BLUE, 1).await;
        let restores = &house.backend.restores;
        let id = restores.submit(&asker, &plan, REASON, None, window).await.unwrap();
        Self {
            house,
            asker,
            anna,
            bert,
            plan,
            id,
        }
    }

    /// Approved by anna.
    async fn approved(window: Window) -> Self {
        let story = Self::requested(window).await;
        let state = story.votes(&story.anna, Vote::Approve).await;
        assert_eq!(state, Ok(RequestState::Approved));
        story
    }

    async fn votes(&self, who: &Actor, vote: Vote) -> Result<RequestState, ServiceError> {
        let (restores, seen) = (&self.house.backend.restores, (&self.plan).into());
        restores.vote(who, &self.id, &seen, vote, REASON).await
    }

    async fn seen_by(&self, who: &Actor) -> RequestView {
        self.house.backend.restores.get(who, &self.id).await.unwrap()
    }

    async fn request(&self) -> Request {
        self.seen_by(&self.anna).await.request
    }

    async fn state_of(&self, run: &RunId) -> RunState {
        state_of(&self.house, run).await
    }

    /// The state in which the run is over.
    async fn end_of(&self, run: &RunId) -> RunState {
        end_of(&self.house, run).await
    }

    /// Backs the same machine up.
    async fn backs_up(&self, run: &str) -> RunState {
        let sealed = backup_plan(run);
        let mut plan = sealed.plan().clone();
        plan.header = Header {
            subject: crate::house::at(BLUE).named(BLUE),
            ..plan.header
        };
        let sealed = SealedPlan::seal(Plan { ..plan }).unwrap();
        let tx = self.house.store.begin().await.unwrap();
        let asker = UserId::new("asker");
        tx.insert_plan(&sealed, &asker, Timestamp(0)).await.unwrap();
        tx.commit().await.unwrap();
        let operator = crate::house::of_all(Role::BackupOperator);
        let run = self.house.backend.runs.start_backup(&operator, sealed.hash()).await;
        self.end_of(&run.unwrap()).await
    }

    async fn in_hours(self, hours: i64) -> Self {
        Self {
            house: self.house.in_hours(hours).await,
            ..self
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_waits_for_its_window_holds_no_backup_up_and_begins_in_it() {
    let story = Story::approved(soon()).await;
    let run = story.request().await.run.unwrap();
    assert_eq!(story.backs_up("before").await, RunState::Succeeded);
    assert_eq!(story.state_of(&run).await, RunState::Queued);
    let queued = story.house.trail("restore.queued.v1").await;
    let detail = queued[0].event.detail.say(Language::En);
    assert!(detail.contains("to start between"), "{detail}");

    let story = story.in_hours(3).await;
    assert_eq!(story.end_of(&run).await, RunState::Succeeded, "its window is open");
    assert_eq!(story.request().await.state, RequestState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_whose_window_has_closed_is_over_and_nothing_was_done() {
    let story = Story::approved(soon()).await.in_hours(5).await;
    let run = story.request().await.run.unwrap();
    assert_eq!(story.end_of(&run).await, RunState::Missed);
    let ended = story.house.store.run(&run).await.unwrap().unwrap().summary;
    let closed = ended.window.not_after;
    assert_eq!(ended.message, [Message::Missed { closed }.into()]);
    assert_eq!(story.house.store.journal(&run).await.unwrap(), []);
    assert_eq!(story.request().await.state, RequestState::Missed);
    let told = story.house.trail("restore.window_missed.v1").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event.plan_hash.as_deref(), Some(story.plan.as_str()));
    assert_eq!(
        story.backs_up("afterwards").await,
        RunState::Succeeded,
        "it holds nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_has_begun_is_not_ended_by_its_window() {
    let open = Window {
        not_before: None,
        not_after: in_hours(4),
    };
    let story = Story::approved(open).await;
    let run = story.request().await.run.unwrap();
    assert_eq!(story.end_of(&run).await, RunState::Succeeded);
    let story = story.in_hours(5).await;
    assert_eq!(
        story.backs_up("afterwards").await,
        RunState::Succeeded,
        "the sweeper has had its time"
    );
    assert_eq!(story.state_of(&run).await, RunState::Succeeded);
    assert_eq!(story.request().await.state, RequestState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_be_approved_after_its_window() {
    let short = Window {
        not_before: None,
        not_after: in_hours(1),
    };
    let story = Story::requested(short).await;
    let request = story.request().await;
    assert_eq!(Some(request.expires_at), short.not_after);
    let story = story.in_hours(2).await;
    let late = story.votes(&story.anna, Vote::Approve).await;
    assert!(matches!(late, Err(ServiceError::Conflict(_))), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_makes_no_sense_is_refused_at_its_field() {
    let story = Story::requested(Window::default()).await;
    let plan = restore_plan(&story.house, BLUE, 2).await;
    for (begin, end, wrong) in [
        (in_hours(-1), None, "not_before"),
        (None, in_hours(-1), "not_after"),
        (in_hours(3), in_hours(2), "not_after"),
        (in_hours(24 * 31), None, "not_before"),
    ] {
        let window = Window {
            not_before: begin,
            not_after: end,
        };
        let restores = &story.house.backend.restores;
        match restores.submit(&story.asker, &plan, REASON, None, window).await {
            Err(ServiceError::Invalid { field, .. }) => assert_eq!(field, wrong),
            other => panic!("{window:?}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_can_withdraw_an_approved_restore_before_it_begins() {
    let story = Story::approved(soon()).await;
    let run = story.request().await.run.unwrap();
    assert!(story.seen_by(&story.asker).await.may_withdraw);
    assert!(!story.seen_by(&story.anna).await.may_withdraw);
    story
        .house
        .backend
        .restores
        .withdraw(&story.asker, &story.id)
        .await
        .unwrap();
    assert_eq!(story.request().await.state, RequestState::Withdrawn);
    assert_eq!(story.state_of(&run).await, RunState::Cancelled);
    assert_eq!(story.house.trail("restore.withdrawn.v1").await.len(), 1);
    assert!(!story.seen_by(&story.asker).await.may_withdraw);
    let story = story.in_hours(3).await;
    assert_eq!(story.backs_up("afterwards").await, RunState::Succeeded);
    assert_eq!(
        story.state_of(&run).await,
        RunState::Cancelled,
        "it does not begin any more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_can_veto_what_is_approved_even_by_himself_before_it_begins() {
    for by_another in [true, false] {
        let story = Story::approved(soon()).await;
        let run = story.request().await.run.unwrap();
        let who = if by_another { &story.bert } else { &story.anna };
        assert!(story.seen_by(who).await.may_veto);
        assert!(story.seen_by(who).await.may_approve.is_err());
        assert!(!story.seen_by(&story.asker).await.may_veto);
        assert_eq!(story.votes(who, Vote::Veto).await, Ok(RequestState::Vetoed));
        assert_eq!(story.state_of(&run).await, RunState::Cancelled);
        let request = story.request().await;
        assert_eq!(request.state, RequestState::Vetoed);
        assert_eq!(request.votes.len(), if by_another { 2 } else { 1 });
        assert!(
            request
                .votes
                .iter()
                .any(|cast| cast.user == who.id && cast.vote == Vote::Veto)
        );
        assert_eq!(
            story.house.trail("restore.approved.v1").await.len(),
            1,
            "that stays in the trail"
        );
        assert_eq!(story.house.trail("restore.vetoed.v1").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_begun_is_neither_withdrawn_nor_vetoed() {
    let story = Story::approved(Window::default()).await;
    let run = story.request().await.run.unwrap();
    assert_eq!(story.end_of(&run).await, RunState::Succeeded);
    let (asker, bert) = (&story.asker, &story.bert);
    assert!(!story.seen_by(asker).await.may_withdraw && !story.seen_by(bert).await.may_veto);
    let withdrawn = story.house.backend.restores.withdraw(asker, &story.id).await;
    let vetoed = story.votes(bert, Vote::Veto).await;
    for refused in [withdrawn.unwrap_err(), vetoed.unwrap_err()] {
        assert!(
            refused
                .to_string()
                .contains(&format!("Run {run} of this request has started")),
            "{refused}"
        );
    }
    let request = story.request().await;
    assert_eq!(
        (request.state, request.votes.len()),
        (RequestState::Approved, 1),
        "nothing of it is kept"
    );
    assert!(story.house.trail("restore.vetoed.v1").await.is_empty());
}

/// Nobody claims it meanwhile, so that nobody finds out when it leaves the queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_in_line_when_its_window_closes_is_ended_there() {
    let house = busy_house().await;
    let sealed = backup_plan("late");
    kept(&house, &sealed).await;
    let late = store::NewRun {
        id: RunId::new("late"),
        window: Window {
            not_before: None,
            not_after: in_hours(-1),
        },
        ..crate::roles::run(&sealed)
    };
    let tx = house.store.begin().await.unwrap();
    tx.insert_run(&late).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(end_of(&house, &late.id).await, RunState::Missed);
    assert_eq!(state_of(&house, &RunId::new("busy")).await, RunState::Running);
}
