//! The audit trail for those who may read it, and whether somebody has changed it.
//!
//! A page costs what it shows: the rows shown are compared with the hashes before them, and the chain is followed from
//! where the last page has left it. Once a day it is followed from its first row again.

use crate::core::{Core, from_store};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::Chain;
use domain::services::{Answer, AuditFilter, AuditPage, AuditService};
use domain::time::Timestamp;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::Mutex;

/// Rows on a page.
const PAGE: usize = 200;
/// Seconds after which the chain is followed from its first row again.
const ANEW_AFTER: i64 = 24 * 3600;

pub(crate) struct Audit {
    core: Arc<Core>,
    followed: Mutex<Followed>,
}

/// How far the chain was followed, and since when.
struct Followed {
    since: Timestamp,
    chain: Chain,
}

impl Audit {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let (since, chain) = (core.now(), Chain::default());
        Self {
            core,
            followed: Mutex::new(Followed { since, chain }),
        }
    }
}

#[async_trait]
impl AuditService for Audit {
    async fn page(&self, actor: &Actor, filter: &AuditFilter) -> Answer<AuditPage> {
        actor.require(Permission::ReadAudit, None)?;
        let store = &self.core.store;
        let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let mut rows = store
            .audit(text, filter.before, PAGE as u64 + 1)
            .await
            .map_err(from_store)?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let shown = store.audit_misfit(&rows).await.map_err(from_store)?;
        let mut followed = self.followed.lock().await;
        let all = followed.go_on(store, self.core.now()).await.map_err(from_store)?;
        let broken_at = shown.into_iter().chain(all).min();
        Ok(AuditPage { rows, more, broken_at })
    }
}

impl Followed {
    async fn go_on(&mut self, store: &Store, now: Timestamp) -> Result<Option<i64>, StoreError> {
        if self.since.plus_seconds(ANEW_AFTER) <= now {
            (self.since, self.chain) = (now, Chain::default());
        }
        store.follow_audit(&mut self.chain).await
    }
}
