//! Places for runs whose disks move. Only a few move at the same time, and a machine that was stopped to be copied must
//! not stay down for the sake of others: a run takes its place before it disturbs its machine, and gives it back behind
//! its last transfer.

use super::execution::Execution;
use super::next::{Direction, Next, may_turn_back};
use domain::plan::{Action, Plan, Probe, Step};
use domain::resource::Resource;
use domain::run::RunState;
use store::StoreError;

/// What a person reads while the run waits.
const WAITS: &str = "Waits until other runs have moved their disks. Nothing is stopped meanwhile.";

impl Execution {
    /// Takes or gives back the place, as the next step wants it. False when the run was cancelled while it waited.
    pub(super) async fn has_place_for(&mut self, plan: &Plan, todo: Next<'_>) -> Result<bool, StoreError> {
        if !matches!(todo, Next::Do(step) if self.direction == Direction::Forward && wants_place(plan, step)) {
            self.place = None;
            return Ok(true);
        }
        if self.place.is_some() {
            return Ok(true);
        }
        let mut place = self
            .core
            .stand_in_line(&Resource::Transfer, &self.run.summary.id)
            .await?;
        if place.is_held() {
            self.place = Some(place);
            return Ok(true);
        }
        let say = |message: Option<&str>| {
            self.journal
                .set_state(RunState::Running, message.map(str::to_owned), None)
        };
        say(Some(WAITS)).await?;
        let waited = match may_turn_back(plan, self.journal.entries()) {
            true => self.cancelled.run_until_cancelled(place.wait()).await,
            false => Some(place.wait().await),
        };
        say(None).await?;
        self.place = waited.transpose()?.map(|()| place);
        Ok(self.place.is_some())
    }
}

/// Whether a step lies between the first that disturbs the machine for a transfer, or the first transfer, and the last
/// transfer.
fn wants_place(plan: &Plan, step: &Step) -> bool {
    let moves = |step: &Step| matches!(step.action, Action::CopyDisk { .. } | Action::WriteDisk { .. });
    let at = |found: Option<&Step>| found.and_then(|found| plan.steps.iter().position(|step| step.id == found.id));
    let first = at(plan.steps.iter().find(|step| moves(step) || disturbs(step)));
    let last = at(plan.steps.iter().rev().find(|step| moves(step)));
    let here = at(Some(step));
    first <= here && here <= last
}

/// The steps that bring a machine down and keep it there.
fn disturbs(step: &Step) -> bool {
    let towards_stopped = matches!(
        step.probe,
        Some(Probe::VmRunning { running: false, .. } | Probe::HighAvailability { on: false, .. })
    );
    towards_stopped || matches!(step.action, Action::StopVm { .. } | Action::LockVm { .. })
}
