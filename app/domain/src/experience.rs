//! What past runs say about how long the next one will take. It stands beside a plan, never in it: a plan and its hash do
//! not change because time goes by.

use crate::plan::{Place, Plan};
use crate::run::{JournalEntry, Phase};
use serde::{Deserialize, Serialize};

/// Runs that are looked back at.
pub const LOOK_BACK: u64 = 5;

/// How long plans of one kind took for one machine, without the time in which a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experience {
    /// How many runs it comes from, at least one.
    pub runs: usize,
    /// The quickest, in milliseconds.
    pub shortest_millis: i64,
    /// The one in the middle; of an even number the slower one of the two.
    pub usual_millis: i64,
    /// The slowest.
    pub longest_millis: i64,
}

impl Experience {
    /// From the times that the program worked on runs; none without any.
    pub fn of(mut worked_millis: Vec<i64>) -> Option<Self> {
        worked_millis.sort_unstable();
        Some(Self {
            runs: worked_millis.len(),
            shortest_millis: *worked_millis.first()?,
            usual_millis: *worked_millis.get(worked_millis.len() / 2)?,
            longest_millis: *worked_millis.last()?,
        })
    }
}

/// How long the program worked on a run: the time of its steps, without those in which a person decides.
pub fn worked_millis(plan: &Plan, journal: &[JournalEntry]) -> i64 {
    let is_of_a_person = |entry: &&JournalEntry| {
        let step = plan.position(&entry.step).and_then(|at| plan.steps.get(at));
        step.is_some_and(|step| step.place == Place::Person)
    };
    let forward = journal.iter().filter(|entry| entry.phase == Phase::Forward);
    let own = forward.filter(|entry| !is_of_a_person(entry));
    own.filter_map(|entry| Some(entry.ended_at?.0.saturating_sub(entry.started_at.0)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_in_the_middle_is_the_usual_one() {
        assert_eq!(Experience::of(vec![]), None);
        let told = |times: &[i64]| {
            let it = Experience::of(times.to_vec()).unwrap();
            (it.runs, it.shortest_millis, it.usual_millis, it.longest_millis)
        };
        assert_eq!(told(&[7]), (1, 7, 7, 7));
        assert_eq!(told(&[9, 1]), (2, 1, 9, 9));
        assert_eq!(told(&[5, 100, 3]), (3, 3, 5, 100));
    }
}
