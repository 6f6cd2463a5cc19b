//! What happens in one process is heard in all: the pages of a run may be open anywhere, and who stops a run need not be
//! where it runs. Nothing is decided by what is heard; it only lets others look sooner.

use crate::core::{Core, Telling};
use std::sync::Arc;
use store::StoreError;
use tokio_util::sync::CancellationToken;

/// Rows that are read at a time.
const AT_ONCE: u64 = 500;
/// After so many seconds everybody has heard it who is awake.
const KEPT_SECS: i64 = 120;

/// Writes down what this process tells the others, until stopped.
pub(crate) async fn voice(core: Arc<Core>, stop: CancellationToken) {
    let speak = async {
        loop {
            core.outbox.filled().await;
            said(&core).await;
            tokio::time::sleep(core.rhythm.news).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = speak => {}
    }
    said(&core).await;
}

async fn said(core: &Core) {
    if let Err(error) = speak(core).await {
        tracing::warn!("other processes were not told the news: {error}");
    }
}

async fn speak(core: &Core) -> Result<(), StoreError> {
    let tellings = core.outbox.take();
    let payloads: Vec<String> = tellings
        .iter()
        .filter_map(|telling| serde_json::to_string(telling).ok())
        .collect();
    if payloads.is_empty() {
        return Ok(());
    }
    let now = core.now();
    let tx = core.store.begin().await?;
    tx.put_news(&core.process, &payloads, now).await?;
    tx.forget_news(now.plus_seconds(-KEPT_SECS)).await?;
    tx.commit().await
}

/// Looks what others want this process to know, until stopped: what they tell behind the place `heard`, and which runs
/// here are to be cancelled. Gives back the tickets that were dropped here.
pub(crate) async fn ears(core: Arc<Core>, mut heard: i64, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = look(&core, &mut heard).await {
            tracing::warn!("it was not looked what other processes want: {error}");
        }
        tokio::select! {
            () = core.look.notified() => {}
            () = tokio::time::sleep(core.rhythm.news) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn look(core: &Core, heard: &mut i64) -> Result<(), StoreError> {
    core.give_back_tickets().await?;
    if !core.running.ids().is_empty() {
        for run in core.store.cancelled_runs(&core.process).await? {
            core.running.cancel(&run);
        }
    }
    for told in core.store.news_after(*heard, AT_ONCE).await? {
        *heard = told.seq;
        if told.process == core.process {
            continue;
        }
        // One of another version may tell what nobody here understands.
        match serde_json::from_str::<Telling>(&told.payload) {
            Ok(telling) => core.hear(telling),
            Err(error) => tracing::debug!("news that cannot be read: {error}"),
        }
    }
    Ok(())
}
