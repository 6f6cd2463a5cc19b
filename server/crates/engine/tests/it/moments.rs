//! What a test lets happen between two lines of the journal.

use async_trait::async_trait;
use domain::ids::RunId;
use engine::{Breakpoints, Moment};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Stops the world when a step reaches a moment for the n-th time, once. What was counted tells whether there was such a
/// moment.
pub struct StopAt {
    after: usize,
    place: Option<(&'static str, Moment)>,
    counted: Mutex<Vec<(String, Moment)>>,
    pub stopped: Notify,
}

impl StopAt {
    /// Stops at the moment number `after`, counted from 0 over all steps.
    pub fn nth(after: usize) -> Arc<Self> {
        Arc::new(Self {
            after,
            place: None,
            counted: Mutex::default(),
            stopped: Notify::new(),
        })
    }

    /// Stops at this moment of a step.
    pub fn at(step: &'static str, moment: Moment) -> Arc<Self> {
        Arc::new(Self {
            after: usize::MAX,
            place: Some((step, moment)),
            counted: Mutex::default(),
            stopped: Notify::new(),
        })
    }

    /// Never stops, only counts.
    pub fn never() -> Arc<Self> {
        Self::nth(usize::MAX)
    }

    pub fn moments(&self) -> Vec<(String, Moment)> {
        self.counted.lock().unwrap().clone()
    }
}

#[async_trait]
impl Breakpoints for StopAt {
    async fn reached(&self, _run: &RunId, step: &str, moment: Moment) {
        let number = {
            let mut counted = self.counted.lock().unwrap();
            counted.push((step.to_owned(), moment));
            counted.len() - 1
        };
        if number == self.after || self.place == Some((step, moment)) {
            self.stopped.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// Lets something happen out there when a step begins, once.
pub struct Meanwhile {
    step: &'static str,
    happens: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Meanwhile {
    pub fn at(step: &'static str, happens: impl FnOnce() + Send + 'static) -> Arc<Self> {
        let happens = Mutex::new(Some(Box::new(happens) as Box<dyn FnOnce() + Send>));
        Arc::new(Self { step, happens })
    }
}

/// Lets something happen out there whenever a step begins.
pub struct Whenever(Box<dyn Fn() + Send + Sync>);

impl Whenever {
    pub fn a_step_begins(happens: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self(Box::new(happens)))
    }
}

#[async_trait]
impl Breakpoints for Whenever {
    async fn reached(&self, _run: &RunId, _step: &str, moment: Moment) {
        if moment == Moment::AfterIntent {
            (self.0)();
        }
    }
}

#[async_trait]
impl Breakpoints for Meanwhile {
    async fn reached(&self, _run: &RunId, step: &str, moment: Moment) {
        if step == self.step
            && moment == Moment::AfterIntent
            && let Some(happens) = self.happens.lock().unwrap().take()
        {
            happens();
        }
    }
}
