//! Discovery, backup and restore in place under everything that is uncertain about a Manager: every switch of the lab
//! alone, and many of them at once. Bytes are compared through the lab. Each variation has a lab of its own; they share one
//! engine, which is what an engine with many Managers is like.
//!
//! A sample is tried, of which twelve combinations are others for each `HOLDFAST_TEST_SEED`; all of it with
//! `HOLDFAST_TEST_ALL=1`. A failed variation is named with its seed and its switches. `MATRIX=line_end` runs those whose
//! name contains the text, and `MATRIX='random 4711'` this one.

#![cfg(test)]

mod report;
mod trial;
mod variation;

use futures::stream::{StreamExt, iter};
use report::Report;
use std::sync::Arc;
use trial::Ground;
use variation::{Extent, Variation};

/// Variations under way at the same time for each processor: a restore waits for its steps more than it computes.
const PER_PROCESSOR: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn discovery_backup_and_restore_work_under_every_switch() {
    let variations = wanted(&std::env::var("MATRIX").unwrap_or_default());
    let ground = Arc::new(Ground::lay().await);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from) * PER_PROCESSOR;
    let tried = iter(variations).map(|variation| tried(ground.clone(), variation));
    let report: Report = tried.buffer_unordered(at_once).collect().await;
    report.print();
    if let Some(ground) = Arc::into_inner(ground) {
        ground.clear().await;
    }
    report.assert_good();
}

fn wanted(name: &str) -> Vec<Variation> {
    if let Some(seed) = name.strip_prefix("random ") {
        return vec![variation::random(seed.parse().unwrap())];
    }
    let extent = match (
        std::env::var_os("HOLDFAST_TEST_ALL"),
        std::env::var("HOLDFAST_TEST_SEED"),
    ) {
        (Some(_), _) => Extent::All,
        (None, seed) => Extent::Sample(seed.map_or(1, |seed| seed.parse().unwrap())),
    };
    let mut variations = variation::all(extent);
    variations.retain(|one| one.name.contains(name));
    variations
}

/// Tries a variation in a task of its own, so that a failure ends only this one.
async fn tried(ground: Arc<Ground>, variation: Variation) -> (Variation, Result<(), String>) {
    let task = tokio::spawn({
        let variation = variation.clone();
        async move { trial::run(&ground, &variation).await }
    });
    let result = task.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => report::words(panic.as_ref()),
        Err(error) => error.to_string(),
    });
    (variation, result)
}
