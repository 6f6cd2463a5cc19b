//! The last look at the request behind a run, when that leaves the queue: its window must still be open, and whoever has
//! requested or approved it must still have the right to.

use super::execution::Execution;
use super::windows;
use crate::requests::{request_and_voters, request_event, requester_may};
use domain::audit::RequestStage;
use domain::request::{Request, RequestState, Void};
use domain::run::{Message, RunState};
use store::{StoreError, Tx};

impl Execution {
    /// Lets the run begin; the answer is whether it goes on. Where its window has closed it is over. Where its
    /// requester may not ask for it any more, or too few of its approvals still count, it turns back before its first step, and its request tells why.
    pub(super) async fn leave_queue(&mut self) -> Result<bool, StoreError> {
        let tx = self.journal.write().await?;
        if self.run.summary.window.has_closed(self.core.now()) {
            windows::note_missed(&self.core, &tx, &self.run).await?;
            let message = vec![windows::message(&self.run).into()];
            self.journal.set_state_in(tx, RunState::Missed, message, None).await?;
            windows::tell_of_request(&self.core, &self.run);
            return Ok(false);
        }
        let Some((request, void, message)) = self.void(&tx).await? else {
            self.journal
                .set_state_in(tx, RunState::Running, Vec::new(), None)
                .await?;
            return Ok(true);
        };
        tx.set_request_state(&request.id, RequestState::Void, None).await?;
        let stage = RequestStage::Void(void);
        tx.audit(&request_event(&self.core, "holdfast", &request, stage))
            .await?;
        self.face_back(&message);
        self.journal
            .set_state_in(tx, RunState::RollingBack, vec![message.into()], None)
            .await?;
        self.core.tell_of_request(&request.id);
        Ok(true)
    }

    /// The request behind the run, and why nothing comes of it, for the trail and for the run; none when it stands.
    async fn void(&self, tx: &Tx) -> Result<Option<(Request, Void, Message)>, StoreError> {
        let Some(id) = &self.run.request else {
            return Ok(None);
        };
        let Some((request, voters)) = request_and_voters(tx, id).await? else {
            return Ok(None);
        };
        if !requester_may(tx, &request).await? {
            let name = request.requested_by_name.clone();
            let message = Message::RequesterLost { name: name.clone() };
            return Ok(Some((request, Void::Requester { name }, message)));
        }
        let lost = request.void_because(&voters);
        Ok(lost.map(|why| (request, Void::Approvals(why.clone()), Message::ApprovalVoid(why))))
    }
}
