//! The audit trail for those who may read it, and whether somebody has changed it.
//!
//! A page costs what it shows: the rows shown are compared with the hashes before them, and the chain is followed from
//! where the last page has left it. Once a day it is followed from its first row again.

use crate::core::{Core, from_store};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditSubject, Chain, Detail, TrailLine};
use domain::services::{Answer, AuditFilter, AuditPage, AuditService};
use domain::time::Timestamp;
use futures::stream::{self, BoxStream, StreamExt};
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::Mutex;

/// Rows on a page.
const PAGE: usize = 200;
/// Rows of an export that are read at a time.
const PART: u64 = 1000;
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

    async fn export(&self, actor: &Actor) -> Answer<BoxStream<'static, Answer<Vec<TrailLine>>>> {
        actor.require(Permission::ReadAudit, None)?;
        let last = note_export(&self.core, actor).await.map_err(from_store)?;
        let (core, first) = (self.core.clone(), (0, String::new()));
        let parts = stream::try_unfold(first, move |(from, previous)| {
            let core = core.clone();
            async move { exported(&core.store, from, previous, last).await.map_err(from_store) }
        });
        Ok(parts.boxed())
    }
}

/// Writes down that the trail is taken away. The row's place ends the export, so that it can be seen to be whole.
async fn note_export(core: &Core, actor: &Actor) -> Result<i64, StoreError> {
    let event = core.event(&actor.name, AuditSubject::Trail, Detail::TrailExported);
    let tx = core.store.begin().await?;
    let place = tx.audit(&event).await?;
    tx.commit().await?;
    Ok(place)
}

/// Where an export goes on: the place of the next row, and the hash of the one before it.
type GoesOn = (i64, String);

/// The lines from a place on, and where to go on; none behind the `last` row.
async fn exported(
    store: &Store,
    from: i64,
    mut previous: String,
    last: i64,
) -> Result<Option<(Vec<TrailLine>, GoesOn)>, StoreError> {
    let mut rows = store.audit_from(from, PART).await?;
    rows.retain(|row| row.seq <= last);
    let Some(next) = rows.last().map(|row| row.seq + 1) else {
        return Ok(None);
    };
    let line = |row| {
        let line = TrailLine::new(row, &previous);
        previous.clone_from(&line.hash);
        line
    };
    let lines = rows.into_iter().map(line).collect();
    Ok(Some((lines, (next, previous))))
}

impl Followed {
    async fn go_on(&mut self, store: &Store, now: Timestamp) -> Result<Option<i64>, StoreError> {
        if self.since.plus_seconds(ANEW_AFTER) <= now {
            (self.since, self.chain) = (now, Chain::default());
        }
        store.follow_audit(&mut self.chain).await
    }
}
