//! What a test lets happen between two lines of the journal.

use async_trait::async_trait;
use domain::ids::RunId;
use engine::{Breakpoints, Moment};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore};
use world::soon;

/// Stops the world when a step reaches a moment for the n-th time, once. What was counted tells whether there was such a
/// moment.
pub struct StopAt {
    after: usize,
    place: Option<(&'static str, Moment)>,
    counted: Mutex<Vec<(String, Moment)>>,
    pub stopped: Arrival,
}

/// That the world stands still.
#[derive(Default)]
pub struct Arrival(Notify);

impl Arrival {
    /// Waits until it does.
    pub async fn notified(&self) {
        soon(
            || "the run comes to the place where it is stopped".into(),
            self.0.notified(),
        )
        .await;
    }
}

impl StopAt {
    /// Stops at the moment number `after`, counted from 0 over all steps.
    pub fn nth(after: usize) -> Arc<Self> {
        Arc::new(Self {
            after,
            place: None,
            counted: Mutex::default(),
            stopped: Arrival::default(),
        })
    }

    /// Stops at this moment of a step.
    pub fn at(step: &'static str, moment: Moment) -> Arc<Self> {
        Arc::new(Self {
            after: usize::MAX,
            place: Some((step, moment)),
            counted: Mutex::default(),
            stopped: Arrival::default(),
        })
    }

    /// Whether this is where the world stands still.
    pub fn is_at(&self, step: &str, moment: Moment) -> bool {
        let counted = self.counted.lock().unwrap();
        counted.get(self.after) == Some(&(step.to_owned(), moment))
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
            self.stopped.0.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// Holds every run at the beginning of a step until it is opened.
pub struct Gate {
    step: &'static str,
    arrived: Mutex<Vec<RunId>>,
    open: Semaphore,
}

impl Gate {
    pub fn at(step: &'static str) -> Arc<Self> {
        Arc::new(Self {
            step,
            arrived: Mutex::default(),
            open: Semaphore::new(0),
        })
    }

    /// The runs that have come so far.
    pub fn arrived(&self) -> Vec<RunId> {
        self.arrived.lock().unwrap().clone()
    }

    /// Lets everybody pass from now on.
    pub fn open(&self) {
        self.open.close();
    }
}

#[async_trait]
impl Breakpoints for Gate {
    async fn reached(&self, run: &RunId, step: &str, moment: Moment) {
        if step == self.step && moment == Moment::AfterIntent {
            self.arrived.lock().unwrap().push(run.clone());
            let _closed = self.open.acquire().await;
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
