//! Plans, a request and a run of the tests.

use crate::estate::{self, HOSTILE, SLOT, TAKEN};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, TeamId, UserId};
use domain::plan::*;
use domain::policy::BackupMethod;
use domain::request::{Asked, CastVote, Request, RequestState, Vote, Window};
use domain::run::{JournalEntry, Outcome, Phase, RunDetail, RunKind, RunState, RunSummary};
use domain::services::{Answer, Draft};
use domain::subject::Subject;
use ovm::ids::VmId;
use ovm::ovmcli::Command;

fn header(purpose: Purpose, class: RiskClass) -> Header {
    Header {
        engine: ENGINE,
        when_stuck: WhenStuck::AskPerson,
        purpose,
        run: RunId::new("7q2k"),
        subject: Subject::vm(&ManagerId::new("m1"), &VmId::new(SLOT), "slot011"),
        planned_by: "olga".into(),
        planned_at: TAKEN,
        estate_revision: 7,
        risk: Risk {
            class,
            reasons: vec![Said::Text("Because the test says so.".into())],
        },
        not_contained: vec![Said::Text("The CD image install.iso is not copied.".into())],
        remarks: vec![],
    }
}

fn draft(header: Header, steps: Vec<Step>) -> Draft {
    let plan = Plan {
        header,
        preconditions: vec![Precondition::VmNamed { name: "slot011".into() }],
        steps,
    };
    let sealed = SealedPlan::seal(plan).unwrap();
    Draft {
        hash: sealed.hash().clone(),
        plan: sealed.plan().clone(),
    }
}

pub fn backup() -> Draft {
    let purpose = Purpose::Backup {
        point: PointId::new("p1"),
        method: BackupMethod::ManagerClone,
        policy: PolicyId::new("gold"),
        policy_name: "Gold".into(),
    };
    let command = Command::on_id("clone", "Vm", SLOT).with("destName", "hf-7q2k");
    let clone = Step::new(
        "snapshot",
        StepTitle::CloneVm,
        Place::Manager,
        Action::Ovmcli { command },
    )
    .undone_by(Place::Manager, Action::RemoveClone { name: "hf-7q2k".into() });
    draft(header(purpose, RiskClass::Low), vec![clone])
}

pub fn restore() -> Draft {
    let purpose = Purpose::RestoreInPlace {
        point: PointId::new("p1"),
        taken_at: TAKEN,
        snapshot: "5e0f".into(),
        contents: vec![],
    };
    let stop = Action::StopVm {
        vm: VmId::new(SLOT),
        patience_secs: 300,
        lenient: false,
    };
    let steps = vec![
        Step::new("stop", StepTitle::StopVm, Place::Manager, stop).guarded(Guard::VmStopped { vm: VmId::new(SLOT) }),
        Step::new(
            "wait",
            StepTitle::CommitOrRollBack,
            Place::Person,
            Action::Ask {
                question: Question::Decide { within_hours: 24 },
            },
        ),
        Step::new(
            "remove-old",
            StepTitle::RemoveKeptFiles {
                repository: "gold".into(),
            },
            Place::Holdfast,
            Action::DiscardStored {
                target: TargetId::first(),
            },
        )
        .no_return(NoReturn::OnceBegun),
    ];
    draft(header(purpose, RiskClass::Replacing), steps)
}

/// A step that a person does.
pub fn start_by_hand(expects: Rule) -> Step {
    let lines = vec![Line::Ovmcli(Command::on_name("start", "Vm", "slot011"))];
    let title = StepTitle::ByHand { task: Task::StartVm };
    let question = Question::Confirm { lines, expects };
    Step::new("start", title, Place::Person, Action::Ask { question })
}

pub fn by_hash(hash: &PlanHash) -> Answer<Draft> {
    [backup(), restore()]
        .into_iter()
        .find(|draft| draft.hash == *hash)
        .ok_or_else(|| ServiceError::not_found(Thing::Plan, hash))
}

pub fn request() -> Request {
    Request {
        id: RequestId::new("r1"),
        state: RequestState::Pending,
        asked: Asked::Plan {
            hash: restore().hash,
            point: estate::point().manifest.point,
            subject: estate::subject(),
            window: Window::default(),
        },
        team: Some(TeamId::new("blue")),
        requested_by: UserId::new("olga"),
        requested_by_name: "olga".into(),
        requested_at: TAKEN,
        reason: HOSTILE.into(),
        ticket: None,
        approvals_needed: 1,
        votes: vec![],
        expires_at: TAKEN.plus_seconds(14_400),
        run: None,
    }
}

/// Somebody's approval.
pub fn approval(name: &str) -> CastVote {
    CastVote {
        user: UserId::new(name),
        user_name: name.into(),
        vote: Vote::Approve,
        reason: String::new(),
        at: TAKEN,
        seen: (&restore().hash).into(),
    }
}

pub fn run(state: RunState) -> RunDetail {
    let draft = restore();
    let entry = |seq, step: &str, outcome: Option<Outcome>| JournalEntry {
        seq,
        step: step.into(),
        phase: Phase::Forward,
        started_at: TAKEN,
        ended_at: outcome.map(|_| TAKEN.plus_seconds(2)),
        outcome,
        observed: "Status: Success".into(),
        notes: vec![],
        bytes: Some(4 << 30),
        learned: Bindings::default(),
    };
    RunDetail {
        summary: RunSummary {
            id: RunId::new("7q2k"),
            kind: RunKind::RestoreInPlace,
            state,
            subject: estate::subject(),
            started_by: "olga".into(),
            queued_at: TAKEN,
            ended_at: None,
            plan_hash: draft.hash,
            message: vec![],
            waiting_for: vec![],
            window: Window::default(),
        },
        plan: draft.plan,
        journal: vec![entry(1, "stop", Some(Outcome::Done)), entry(2, "wait", None)],
        asks: restore().plan.steps.into_iter().find(|step| step.id == "wait"),
        request: Some(request()),
        point: None,
        decide_before: Some(TAKEN.plus_seconds(86_400)),
        cancelling: false,
        leftovers: vec![],
        settlements: vec![],
    }
}
