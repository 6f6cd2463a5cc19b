//! The last look at the approvals of a request, when its run leaves the queue: whoever has approved it must still hold the
//! role when it runs.

use super::execution::Execution;
use crate::services::request_and_voters;
use domain::audit::AuditSubject;
use domain::ids::RequestId;
use domain::request::RequestState;
use domain::run::RunState;
use store::{StoreError, Tx};

impl Execution {
    /// Lets the run begin. Where too few of its approvals still count, it turns back before its first step, and its request
    /// tells why.
    pub(super) async fn leave_queue(&mut self) -> Result<(), StoreError> {
        let tx = self.core.store.begin().await?;
        let Some((request, why)) = self.void_approval(&tx).await? else {
            return self.journal.set_state_in(tx, RunState::Running, None, None).await;
        };
        tx.set_request_state(&request, RequestState::Void, None).await?;
        let subject = AuditSubject::Request(request.clone());
        let mut event = self
            .core
            .event("holdfast", "restore.approval_void.v1", subject, why.clone());
        event.plan_hash = Some(self.run.summary.plan_hash.to_string());
        tx.audit(&event).await?;
        self.face_back(&why);
        self.journal
            .set_state_in(tx, RunState::RollingBack, Some(why), None)
            .await?;
        self.core.tell_of_request(&request);
        Ok(())
    }

    async fn void_approval(&self, tx: &Tx) -> Result<Option<(RequestId, String)>, StoreError> {
        let Some(id) = &self.run.request else {
            return Ok(None);
        };
        let found = request_and_voters(tx, id).await?;
        Ok(found.and_then(|(request, voters)| Some((id.clone(), request.void_because(&voters)?))))
    }
}
