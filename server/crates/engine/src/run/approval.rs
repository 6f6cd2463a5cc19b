//! The last look at the approvals of a request, when its run leaves the queue: whoever has approved it must still hold the
//! role when it runs.

use super::execution::Execution;
use crate::services::request_and_voters;
use domain::audit::{AuditSubject, Detail};
use domain::ids::RequestId;
use domain::request::{RequestState, VoidApproval};
use domain::run::{Message, RunState};
use store::{StoreError, Tx};

impl Execution {
    /// Lets the run begin. Where too few of its approvals still count, it turns back before its first step, and its request
    /// tells why.
    pub(super) async fn leave_queue(&mut self) -> Result<(), StoreError> {
        let tx = self.core.store.begin().await?;
        let Some((request, why)) = self.void_approval(&tx).await? else {
            return self.journal.set_state_in(tx, RunState::Running, Vec::new(), None).await;
        };
        tx.set_request_state(&request, RequestState::Void, None).await?;
        let subject = AuditSubject::Request(request.clone());
        let detail = Detail::ApprovalVoid(why.clone());
        let mut event = self.core.event("holdfast", subject, detail);
        event.plan_hash = Some(self.run.summary.plan_hash.to_string());
        tx.audit(&event).await?;
        let message = Message::ApprovalVoid(why);
        self.face_back(&message);
        self.journal
            .set_state_in(tx, RunState::RollingBack, vec![message.into()], None)
            .await?;
        self.core.tell_of_request(&request);
        Ok(())
    }

    async fn void_approval(&self, tx: &Tx) -> Result<Option<(RequestId, VoidApproval)>, StoreError> {
        let Some(id) = &self.run.request else {
            return Ok(None);
        };
        let found = request_and_voters(tx, id).await?;
        Ok(found.and_then(|(request, voters)| Some((id.clone(), request.void_because(&voters)?))))
    }
}
