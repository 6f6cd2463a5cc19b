//! What became of the variations.

use crate::variation::{Job, Variation};
use std::any::Any;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

/// All results.
pub struct Report {
    since: Instant,
    results: Vec<(Variation, Result<(), String>)>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            results: Vec::new(),
        }
    }
}

impl Extend<(Variation, Result<(), String>)> for Report {
    fn extend<T: IntoIterator<Item = (Variation, Result<(), String>)>>(&mut self, results: T) {
        self.results.extend(results);
    }
}

impl Report {
    /// Prints what ran and what came of it, past the capture of the test harness: a matrix that ran is worth a line.
    pub fn print(&self) {
        let mut text = String::from("matrix of switches:\n");
        let mut jobs: BTreeMap<String, usize> = BTreeMap::new();
        for (variation, _) in &self.results {
            let done = match variation.job {
                Some(Job { vm, wish, method, .. }) => format!("{vm}: {} wanted, {} done", wish.key(), method.key()),
                None => "a discovery alone".to_owned(),
            };
            *jobs.entry(done).or_default() += 1;
        }
        for (job, count) in jobs {
            text.push_str(&format!("  {count} with {job}\n"));
        }
        let (all, bad) = (self.results.len(), self.failures().count());
        text.push_str(&format!(
            "  {all} variations in {} s, {} good, {bad} failed\n",
            self.since.elapsed().as_secs(),
            all - bad
        ));
        // Nobody misses a report that cannot be printed more than the test itself.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// Fails with every variation that has.
    pub fn assert_good(&self) {
        let failures: Vec<String> = self.failures().collect();
        assert!(!self.results.is_empty(), "no variation has run");
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    fn failures(&self) -> impl Iterator<Item = String> {
        self.results.iter().filter_map(|(variation, result)| {
            let why = result.as_ref().err()?;
            let Variation {
                name, job, decision, ..
            } = variation;
            let changed = variation.changed();
            let done = job.map_or("discovered".to_owned(), |job| {
                format!("{} of {}, {decision:?}", job.method.key(), job.vm)
            });
            Some(format!("{name} [{done}] {{{changed}}}: {why}"))
        })
    }
}

/// What a panic said.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
        .to_owned()
}
