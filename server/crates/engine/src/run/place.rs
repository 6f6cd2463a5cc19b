//! Places: what runs share and only some can have at a time. A run takes what a step needs before it begins the step, so
//! that no machine is stopped and no snapshot stands on the estate for the sake of others, and keeps it from the first
//! step that needs it to the last. A run that turns back keeps what it has until the end: what it undoes may be what the
//! place was for.

use super::execution::Execution;
use super::next::{Direction, Next, may_turn_back};
use crate::core::Ticket;
use domain::plan::Plan;
use domain::resource::Resource;
use domain::run::{Message, RunState};
use store::StoreError;

impl Execution {
    /// Takes and gives back places, as the next step wants it. False when the run was cancelled while it waited.
    pub(super) async fn has_place_for(&mut self, plan: &Plan, todo: Next<'_>) -> Result<bool, StoreError> {
        let Next::Do(step) = todo else { return Ok(true) };
        if self.direction == Direction::Back {
            return Ok(true);
        }
        self.places.retain(|(held, _)| step.needs.contains(held));
        for needed in &step.needs {
            if self.places.iter().any(|(held, _)| held == needed) {
                continue;
            }
            match self.take_place(plan, needed).await? {
                Some(place) => self.places.push((needed.clone(), place)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn take_place(&self, plan: &Plan, needed: &Resource) -> Result<Option<Ticket>, StoreError> {
        let mut place = self.core.stand_in_line(needed, &self.run.summary.id).await?;
        if place.is_held() {
            return Ok(Some(place));
        }
        let tell = |message| self.journal.set_state(RunState::Running, message, None);
        tell(vec![Message::WaitsFor(needed.clone()).into()]).await?;
        let waited = match may_turn_back(plan, self.journal.entries()) {
            true => self.cancelled.run_until_cancelled(place.wait()).await,
            false => Some(place.wait().await),
        };
        tell(Vec::new()).await?;
        Ok(waited.transpose()?.map(|()| place))
    }
}
