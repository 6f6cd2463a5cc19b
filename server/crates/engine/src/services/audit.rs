//! The audit trail for those who may read it.

use crate::core::{Core, from_store};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::first_break;
use domain::services::{Answer, AuditFilter, AuditPage, AuditService};
use std::sync::Arc;

/// Rows on a page.
const PAGE: usize = 200;

pub(crate) struct Audit(pub(crate) Arc<Core>);

#[async_trait]
impl AuditService for Audit {
    async fn page(&self, actor: &Actor, filter: &AuditFilter) -> Answer<AuditPage> {
        actor.require(Permission::ReadAudit, None)?;
        let store = &self.0.store;
        let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let mut rows = store
            .audit(text, filter.before, PAGE as u64 + 1)
            .await
            .map_err(from_store)?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let broken_at = first_break(&store.audit_all().await.map_err(from_store)?);
        Ok(AuditPage { rows, more, broken_at })
    }
}
