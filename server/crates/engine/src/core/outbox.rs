//! What this process tells the others, until it is written down.

use domain::news::News;
use domain::run::{RunEvent, RunNews};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// So much waits at most, as while the database is away; then the oldest is forgotten.
const LIMIT: usize = 4096;

/// What is told: news for open pages, or nothing but that there is something to do.
pub(crate) type Telling = Option<News>;

/// The tellings that wait, in order.
#[derive(Default)]
pub(crate) struct Outbox {
    waiting: Mutex<VecDeque<Telling>>,
    filled: Notify,
}

impl Outbox {
    /// Puts something in. Of the progress of a run only the newest stays, and it is enough to be called once.
    pub(crate) fn put(&self, telling: Telling) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|older| !is_replaced(older, &telling));
        waiting.push_back(telling);
        if waiting.len() > LIMIT {
            waiting.pop_front();
        }
        self.filled.notify_one();
    }

    /// Waits until there is something.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes everything out.
    pub(crate) fn take(&self) -> Vec<Telling> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain(..).collect()
    }
}

fn is_replaced(older: &Telling, newer: &Telling) -> bool {
    match (older, newer) {
        (None, None) => true,
        (Some(older), Some(newer)) => match (progress(older), progress(newer)) {
            (Some(older), Some(newer)) => older.run == newer.run,
            _ => false,
        },
        _ => false,
    }
}

fn progress(news: &News) -> Option<&RunEvent> {
    match news {
        News::Run(event) if matches!(event.news, RunNews::Progress { .. }) => Some(event),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::RunId;
    use domain::run::RunState;

    fn of(run: &str, news: RunNews) -> Telling {
        let run = RunId::new(run);
        Some(News::Run(RunEvent { run, news }))
    }

    fn progress_of(run: &str, bytes: u64) -> Telling {
        let (step, of_all, rate) = ("copy-0".to_owned(), None, 0);
        let news = RunNews::Progress {
            step,
            bytes,
            of: of_all,
            rate,
        };
        of(run, news)
    }

    fn state(run: &str) -> Telling {
        let (state, message) = (RunState::Running, Vec::new());
        of(run, RunNews::State { state, message })
    }

    #[test]
    fn only_the_newest_progress_of_a_run_is_told() {
        let outbox = Outbox::default();
        let told = [
            progress_of("a", 1),
            state("a"),
            None,
            progress_of("b", 1),
            progress_of("a", 2),
            state("a"),
            None,
        ];
        told.into_iter().for_each(|telling| outbox.put(telling));
        let left = [state("a"), progress_of("b", 1), progress_of("a", 2), state("a"), None];
        assert_eq!(outbox.take(), left);
        assert_eq!(outbox.take(), []);
    }
}
