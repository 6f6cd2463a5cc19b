//! The engine's own pace and how long it waits for others, as values: a test need not wait as long as the world does.

use std::time::Duration;

/// How long the engine rests before it looks again. Shorter rests cost questions to hosts and database, longer ones time;
/// no result depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Between two looks for a queued run. One that is queued in this process wakes the worker at once.
    pub queue: Duration,
    /// Between two looks at the line before something that only a few runs may use.
    pub turn: Duration,
    /// Between two times at which the processes tell each other what there is to know.
    pub news: Duration,
    /// Between two rounds of the sweeper.
    pub sweep: Duration,
    /// Between two rounds of the housekeeper in the backup target.
    pub housekeeping: Duration,
    /// Before a host is asked once more that was lost or has not yet done what it was asked.
    pub retry: Duration,
    /// Between two looks at a machine that is about to start, to stop, or to be released by a job.
    pub machine: Duration,
    /// Before a connection is tried again that a Manager has turned away.
    pub reconnect: Duration,
    /// Between two reports of how far a transfer has come.
    pub progress: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            queue: Duration::from_secs(1),
            turn: Duration::from_millis(300),
            news: Duration::from_millis(500),
            sweep: Duration::from_secs(20),
            housekeeping: Duration::from_secs(600),
            retry: Duration::from_secs(2),
            machine: Duration::from_millis(500),
            reconnect: Duration::from_millis(100),
            progress: Duration::from_millis(500),
        }
    }
}

/// How long others get before something counts as not having happened. All are generous: a Manager under load is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the answer to a question. Commands that change something have none: their jobs may take hours.
    pub question: Duration,
    /// For a job that goes on after its connection was lost.
    pub job: Duration,
    /// For a job to end by itself after its run was cancelled.
    pub cancelled_job: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            question: Duration::from_secs(300),
            job: Duration::from_secs(600),
            cancelled_job: Duration::from_secs(30),
        }
    }
}
