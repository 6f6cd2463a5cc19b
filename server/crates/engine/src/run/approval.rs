//! The last look at the request behind a run, when that leaves the queue: its window must still be open, and whoever has
//! approved it must still hold the role.

use super::execution::Execution;
use super::windows;
use crate::services::{request_and_voters, request_event};
use domain::audit::RequestStage;
use domain::request::{Request, RequestState, Void, VoidApproval};
use domain::run::{Message, RunState};
use store::{StoreError, Tx};

impl Execution {
    /// Lets the run begin; the answer is whether it goes on. Where its window has closed it is over. Where too few of its
    /// approvals still count it turns back before its first step, and its request tells why.
    pub(super) async fn leave_queue(&mut self) -> Result<bool, StoreError> {
        let tx = self.core.store.begin().await?;
        if self.run.summary.window.has_closed(self.core.now()) {
            windows::note_missed(&self.core, &tx, &self.run).await?;
            let message = vec![windows::message(&self.run).into()];
            self.journal.set_state_in(tx, RunState::Missed, message, None).await?;
            windows::tell_of_request(&self.core, &self.run);
            return Ok(false);
        }
        let Some((request, why)) = self.void_approval(&tx).await? else {
            self.journal
                .set_state_in(tx, RunState::Running, Vec::new(), None)
                .await?;
            return Ok(true);
        };
        tx.set_request_state(&request.id, RequestState::Void, None).await?;
        let stage = RequestStage::Void(Void::Approvals(why.clone()));
        tx.audit(&request_event(&self.core, "holdfast", &request, stage))
            .await?;
        let message = Message::ApprovalVoid(why);
        self.face_back(&message);
        self.journal
            .set_state_in(tx, RunState::RollingBack, vec![message.into()], None)
            .await?;
        self.core.tell_of_request(&request.id);
        Ok(true)
    }

    async fn void_approval(&self, tx: &Tx) -> Result<Option<(Request, VoidApproval)>, StoreError> {
        let Some(id) = &self.run.request else {
            return Ok(None);
        };
        let found = request_and_voters(tx, id).await?;
        Ok(found.and_then(|(request, voters)| {
            let why = request.void_because(&voters)?;
            Some((request, why))
        }))
    }
}
