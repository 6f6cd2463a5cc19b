//! One run, from its claim to its end.
//!
//! Every turn of the loop looks at plan and journal ([`next`]), takes one step or undoes one, and writes what came of it.
//! Nothing of the run lives in memory alone, so the loop can be entered again after a crash at any place.

use super::journal::{Journal, outcome_of};
use super::next::{Direction, Next, made_something, may_turn_back, next};
use super::own::own;
use super::probe::{self, ProbeError};
use super::restored::RestoredDisks;
use super::{Effect, StepError, vm_state};
use crate::core::{Core, Moment, Ticket};
use crate::estate::Reach;
use domain::audit::{AuditEvent, AuditSubject, Detail, OfRun};
use domain::experience::worked_millis;
use domain::fault::{Fault, MadeFault, PlanFault, StepFault};
use domain::ids::TargetId;
use domain::note::Note;
use domain::plan::{
    Action, Bind, Bindings, OnCancel, Place, Plan, Probe, Said, SealedPlan, Step, StepTitle, WhenStuck,
};
use domain::resource::Resource;
use domain::run::{Decision, Message, Outcome, Phase, RunState, RunSummary};
use domain::say::{Language, Say};
use ovm::ids::VmId;
use std::sync::Arc;
use std::time::Duration;
use store::{Claim, RunRow, StoreError};
use tokio_util::sync::CancellationToken;

/// How often a probe is asked while its host cannot be reached.
const PROBE_ATTEMPTS: u32 = 6;

/// A claimed run.
pub(crate) struct Execution {
    pub(super) core: Arc<Core>,
    pub(super) run: RunRow,
    pub(super) sealed: SealedPlan,
    pub(super) reach: Reach,
    pub(super) journal: Journal,
    pub(super) disks: RestoredDisks,
    /// A person wishes the run to stop; looked at between steps and while bytes move.
    pub(super) cancelled: CancellationToken,
    /// What it has of what runs share.
    pub(super) places: Vec<(Resource, Ticket)>,
    pub(super) direction: Direction,
}

impl Execution {
    /// Takes up a claimed run: at its beginning, or where it was interrupted.
    pub(crate) async fn open(core: Arc<Core>, claim: Claim, cancelled: CancellationToken) -> Result<Self, StepError> {
        let run = claim.run;
        let stored = core.store.plan(&run.summary.plan_hash).await?;
        let stored = stored.ok_or_else(|| StepError::failed(PlanFault::Missing))?;
        if !stored.sealed.plan().is_understood() {
            return Err(StepError::failed(PlanFault::Newer));
        }
        let mut journal = Journal::open(core.clone(), run.summary.id.clone(), claim.fence).await?;
        journal.close_interrupted(&stored.sealed).await?;
        // The decision counts whatever the state says; one that came while nobody worked here is taken up by the step that
        // waits for it.
        let decided_back = run.decision == Some(Decision::RollBack) && !journal.is_under_way();
        let direction = if run.summary.state == RunState::RollingBack || decided_back {
            Direction::Back
        } else {
            Direction::Forward
        };
        if run.cancel_requested && direction == Direction::Forward {
            cancelled.cancel();
        }
        let reach = Reach::new(core.clone(), run.summary.subject.manager.clone()).under(&run.summary.id, claim.fence);
        let disks = RestoredDisks::of(&core, stored.sealed.plan()).await?;
        Ok(Self {
            core,
            run,
            sealed: stored.sealed,
            reach,
            journal,
            disks,
            cancelled,
            places: Vec::new(),
            direction,
        })
    }

    /// Executes until the run is over or needs a person.
    ///
    /// # Errors
    /// [`StoreError`] when the journal cannot be written or the lease was lost; the run stops where it is.
    pub(crate) async fn execute(mut self) -> Result<(), StoreError> {
        match (self.run.summary.state, self.direction) {
            (RunState::Queued, Direction::Forward) if !self.leave_queue().await? => return Ok(()),
            (RunState::RollingBack, _) | (_, Direction::Forward) => {}
            (_, Direction::Back) => self.turn_back(Message::RolledBack).await?,
        }
        let sealed = self.sealed.clone();
        loop {
            let plan = sealed.plan();
            self.turn_back_if_cancelled(plan).await?;
            if self.stops_for_other_hosts(plan).await? {
                return Ok(());
            }
            let todo = next(plan, self.journal.entries(), self.direction);
            if !self.has_place_for(plan, todo).await? {
                continue;
            }
            let stopped = match todo {
                Next::Do(step) => self.take(plan, step).await?,
                Next::Undo(step) => self.undo(plan, step).await?,
                Next::Over => return self.end().await,
            };
            if stopped {
                return Ok(());
            }
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        self.sealed.plan()
    }

    /// The machine that the plan is about.
    pub(super) fn vm(&self) -> Result<&VmId, StepError> {
        let subject = &self.plan().header.subject;
        let vm = subject.object.vm();
        vm.ok_or_else(|| {
            let object = subject.object.clone();
            StepError::failed(PlanFault::NoVm { object })
        })
    }

    /// A value that an earlier step has learned.
    pub(super) fn learned(&self, name: &str) -> Result<String, StepError> {
        let value = self.journal.bindings().0.remove(name);
        value.ok_or_else(|| StepError::failed(PlanFault::NotLearned { name: name.to_owned() }))
    }

    /// Takes a step. The answer is whether the run stops here and waits for a person.
    async fn take(&mut self, plan: &Plan, step: &Step) -> Result<bool, StoreError> {
        if let Action::Ask { question } = &step.action {
            return self.ask(step, question).await;
        }
        self.journal.begin(&step.id, Phase::Forward).await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        let grace = grace(step, self.core.limits.cancelled_job).filter(|_| may_turn_back(plan, self.journal.entries()));
        let cancelled = self.cancelled.clone();
        // On the heap: everything that a run can do is part of it.
        let performing = Box::pin(self.perform(step));
        let performed = match grace {
            None => performing.await,
            Some(grace) => tokio::select! {
                performed = performing => performed,
                () = over(&cancelled, grace) => Err(StepError::Cancelled),
            },
        };
        match performed {
            Ok((outcome, effect)) => {
                self.reached(&step.id, Moment::AfterEffect).await;
                match &step.action {
                    Action::Publish { target } => self.publish(target, effect).await?,
                    _ => self.journal.finish(outcome, effect).await?,
                }
                self.reached(&step.id, Moment::AfterOutcome).await;
                Ok(false)
            }
            Err(StepError::Store(error)) => Err(error),
            Err(error) => self.failed(plan, step, error).await,
        }
    }

    /// Probe, act, check.
    async fn perform(&mut self, step: &Step) -> Result<(Outcome, Effect), StepError> {
        self.let_jobs_end(step).await?;
        if let Some(probe) = &step.probe
            && self.probe(probe).await?
        {
            return Ok((Outcome::AlreadyThere, self.look_up(step).await?));
        }
        self.see_that_guards_hold(&step.guards).await?;
        let mut effect = match self.act(step, &step.place, &step.action).await {
            Err(StepError::Unknown(lost)) => self.settle(step, lost).await?,
            other => other?,
        };
        if let Some(check) = &step.check {
            let bindings = self.journal.bindings();
            super::check::check(&self.reach, &self.disks, check, &effect.observed, &bindings).await?;
        }
        let found = self.look_up_missing(step, &effect.learned).await?;
        effect.learned.0.extend(found.0);
        Ok((Outcome::Done, effect))
    }

    /// The host was lost after the command was sent: only the estate can tell what came of it. An effect that is not
    /// there is made once more.
    async fn settle(&mut self, step: &Step, lost: Fault) -> Result<Effect, StepError> {
        let Some(probe) = &step.probe else {
            if !step.conduct.repeatable {
                return Err(StepError::Unknown(lost));
            }
            tokio::time::sleep(self.core.rhythm.retry).await;
            return self.act(step, &step.place, &step.action).await;
        };
        tracing::warn!(run = %self.run.summary.id, step = step.id, "{}", lost.say(Language::En));
        self.await_free(step).await?;
        if self.probe(probe).await? {
            let learned = self.look_up_missing(step, &Bindings::default()).await?;
            return Ok(Effect {
                notes: vec![Note::Failed(lost), Note::TookEffect],
                learned,
                ..Effect::default()
            });
        }
        tokio::time::sleep(self.core.rhythm.retry).await;
        if self.probe(probe).await? {
            return self.look_up(step).await;
        }
        match self.act(step, &step.place, &step.action).await {
            // The first attempt may have come to pass meanwhile, so that the second was refused.
            Err(StepError::Failed(why)) => match self.probe(probe).await? {
                true => self.look_up(step).await,
                false => Err(StepError::Failed(why)),
            },
            result => result,
        }
    }

    /// A command that was under way when the connection or the process was lost goes on as a job of the Manager: what
    /// came of it is looked up when that has ended.
    pub(super) async fn let_jobs_end(&self, step: &Step) -> Result<(), StepError> {
        match self.journal.is_open(&step.id, Phase::Forward) {
            true => self.await_free(step).await,
            false => Ok(()),
        }
    }

    /// Waits until no job of the Manager works on the machine any more, where the step is one of the Manager's.
    async fn await_free(&self, step: &Step) -> Result<(), StepError> {
        match self.plan().header.subject.object.vm() {
            Some(vm) if step.place == Place::Manager => vm_state::await_free(&self.reach, vm).await,
            _ => Ok(()),
        }
    }

    /// Asks a probe, again while its host cannot be reached.
    pub(super) async fn probe(&self, probe: &Probe) -> Result<bool, StepError> {
        let bindings = self.journal.bindings();
        let mut attempt = 1;
        loop {
            match probe::present(&self.reach, &self.disks, self.plan(), probe, &bindings).await {
                Ok(present) => return Ok(present),
                Err(ProbeError::Reach(error)) if error.leaves_outcome_open() && attempt < PROBE_ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(self.core.rhythm.retry).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The effect of a step that is there already, with the values that the step would have learned.
    async fn look_up(&self, step: &Step) -> Result<Effect, StepError> {
        let learned = self.look_up_missing(step, &Bindings::default()).await?;
        Ok(Effect {
            notes: vec![Note::AlreadyThere],
            learned,
            ..Effect::default()
        })
    }

    async fn look_up_missing(&self, step: &Step, learned: &Bindings) -> Result<Bindings, StepError> {
        let mut found = Bindings::default();
        for bind in &step.binds {
            if let Bind::NewObject {
                name,
                object_type,
                object_name,
            } = bind
                && !learned.0.contains_key(name)
            {
                let ids = own(&self.reach, object_type, object_name, None).await?;
                let id = ids.into_iter().next().ok_or_else(|| {
                    StepError::Failed(Fault::Made {
                        object_type: object_type.clone(),
                        name: object_name.clone(),
                        found: MadeFault::NotListed,
                    })
                })?;
                found.0.insert(name.clone(), id);
            }
        }
        Ok(found)
    }

    /// A step did not work: the run turns back, or asks a person when nobody knows what happened.
    async fn failed(&mut self, plan: &Plan, step: &Step, error: StepError) -> Result<bool, StoreError> {
        self.journal
            .finish(outcome_of(&error), Effect::noting(error.note()))
            .await?;
        let asks = plan.header.when_stuck == WhenStuck::AskPerson;
        if step.always && !asks {
            self.leave_behind(step, step.left_for_later(), &error).await?;
            return Ok(false);
        }
        let message = match error.fault() {
            StepFault::Fault(fault) => Message::StepFailed {
                title: step.title.clone(),
                fault,
            },
            StepFault::Cancelled => Message::Cancelled,
        };
        let journal = self.journal.entries();
        let unknown = matches!(error, StepError::Unknown(_)) && asks && made_something(plan, journal);
        let pending = matches!(error, StepError::Pending(_));
        if unknown || pending || self.direction == Direction::Back || !may_turn_back(plan, journal) {
            self.journal
                .set_state(RunState::NeedsOperator, vec![message.into()], None)
                .await?;
            return Ok(true);
        }
        self.turn_back(message).await?;
        Ok(false)
    }

    /// Makes the recovery point visible: point, audit row and journal line in one transaction.
    async fn publish(&mut self, target: &TargetId, mut effect: Effect) -> Result<(), StoreError> {
        let point = match self.made_point(target).await {
            Ok(point) => point,
            Err(StepError::Store(error)) => return Err(error),
            Err(error) => {
                self.journal
                    .finish(Outcome::Failed, Effect::noting(error.note()))
                    .await?;
                let StepFault::Fault(fault) = error.fault() else {
                    return self.turn_back(Message::Cancelled).await;
                };
                let title = StepTitle::Publish.into();
                return self.turn_back(Message::StepFailed { title, fault }).await;
            }
        };
        let manifest = &point.manifest;
        let summary = &self.run.summary;
        let detail = Detail::PointPublished {
            name: summary.subject.name.clone(),
            disks: manifest.disks().len(),
            consistency: manifest.machine().consistency,
        };
        let subject = AuditSubject::Point(manifest.point.clone());
        let mut event = self.core.event(&summary.started_by, subject, detail);
        event.plan_hash = Some(summary.plan_hash.to_string());
        effect.notes.push(Note::Published {
            point: manifest.point.clone(),
        });
        let tx = self.core.store.begin().await?;
        tx.insert_point(&point).await?;
        tx.audit(&event).await?;
        self.journal.finish_in(tx, Outcome::Done, effect).await
    }

    async fn turn_back_if_cancelled(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let wished = self.cancelled.is_cancelled();
        if wished && self.direction == Direction::Forward && may_turn_back(plan, self.journal.entries()) {
            self.turn_back(Message::Cancelled).await?;
        }
        Ok(())
    }

    pub(super) async fn turn_back(&mut self, why: Message) -> Result<(), StoreError> {
        self.face_back(&why);
        self.journal
            .set_state(RunState::RollingBack, vec![why.into()], None)
            .await
    }

    /// Changes the direction here; who calls this writes it down.
    pub(super) fn face_back(&mut self, why: &Message) {
        self.direction = Direction::Back;
        // What is undone must not be stopped by the wish that caused it.
        self.cancelled = CancellationToken::new();
        self.run.summary.message = vec![why.clone().into()];
    }

    async fn end(&mut self) -> Result<(), StoreError> {
        let row = self.core.store.run(&self.run.summary.id).await?;
        let (cancelled, decision) = row.map_or((false, None), |row| (row.cancel_requested, row.decision));
        let state = match (self.direction, decision, cancelled) {
            (Direction::Forward, _, _) => RunState::Succeeded,
            (Direction::Back, Some(Decision::RollBack), _) => RunState::RolledBack,
            (Direction::Back, _, true) => RunState::Cancelled,
            (Direction::Back, _, false) => RunState::Failed,
        };
        let left = self.core.store.leftovers(Some(&self.run.summary.id), true).await?;
        let mut message = match state {
            RunState::Succeeded => Vec::new(),
            _ => self.run.summary.message.clone(),
        };
        if !left.is_empty() {
            message.push(Message::LeftBehind.into());
        }
        let tx = self.core.store.begin().await?;
        tx.audit(&self.end_event(state, message.clone())).await?;
        if state == RunState::Succeeded {
            let worked = worked_millis(self.plan(), self.journal.entries());
            tx.set_worked(&self.run.summary.id, worked).await?;
        }
        self.journal.set_state_in(tx, state, message, None).await
    }

    fn end_event(&self, state: RunState, message: Vec<Said<Message>>) -> AuditEvent {
        let summary = &self.run.summary;
        let detail = Detail::RunEnded {
            run: of_run(summary),
            state,
            message,
        };
        let subject = AuditSubject::Run(summary.id.clone());
        let mut event = self.core.event("holdfast", subject, detail);
        event.plan_hash = Some(summary.plan_hash.to_string());
        event
    }

    pub(super) async fn reached(&self, step: &str, moment: Moment) {
        if let Some(breakpoints) = &self.core.breakpoints {
            breakpoints.reached(&self.run.summary.id, step, moment).await;
        }
    }
}

/// The run, as rows of the trail name it.
pub(crate) fn of_run(summary: &RunSummary) -> OfRun {
    OfRun {
        kind: summary.kind,
        name: summary.subject.name.clone(),
    }
}

/// How long a step goes on after a person has cancelled the run before it is left in the middle, so that one which waits
/// for a host need not wait for ever; none when it must come to its end.
fn grace(step: &Step, for_jobs: Duration) -> Option<Duration> {
    match step.conduct.on_cancel {
        OnCancel::Finish => None,
        OnCancel::Leave => Some(Duration::ZERO),
        OnCancel::LeaveAfterJob => Some(for_jobs),
    }
}

/// Returns when the wish to stop is so old.
async fn over(cancelled: &CancellationToken, grace: Duration) {
    cancelled.cancelled().await;
    tokio::time::sleep(grace).await;
}
