//! The fault switchboard: what goes wrong next. A fault fires once, unless it counts, and is gone then.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something that goes wrong. `command` is the beginning of a Manager's command line in words, for example `clone` or
/// `delete VirtualDisk`; case does not matter. `contains` is any part of a server's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The connection is cut before the command is carried out.
    CutBefore {
        /// Which command.
        command: String,
    },
    /// The connection is cut as soon as the command has become a job; whether that goes on is the switch
    /// `disconnect_aborts_jobs`.
    CutDuring {
        /// Which command.
        command: String,
    },
    /// The command is carried out, and the connection is cut in the middle of the answer.
    CutMiddle {
        /// Which command.
        command: String,
    },
    /// The command is carried out, and the connection is cut instead of the answer.
    CutAfter {
        /// Which command.
        command: String,
    },
    /// The object is locked for so many attempts.
    Locked {
        /// Which command.
        command: String,
        /// How many attempts fail.
        attempts: u32,
    },
    /// The object is locked for a while from the first attempt on.
    LockedFor {
        /// Which command.
        command: String,
        /// How long, in milliseconds.
        millis: u64,
    },
    /// The command is carried out, and its answer comes later.
    Delay {
        /// Which command.
        command: String,
        /// How much later, in milliseconds.
        millis: u64,
    },
    /// The command is not carried out and not answered, while its connection stays.
    Silent {
        /// Which command.
        command: String,
    },
    /// The job of the command fails; a clone fails after its first disk and leaves what it made.
    FailJob {
        /// Which command.
        command: String,
    },
    /// The job of the command runs out of space: a clone while it copies a disk, anything else before it has begun.
    NoSpace {
        /// Which command.
        command: String,
    },
    /// The job does its work, then a child job fails: the command fails, and what it made stays.
    FailChild {
        /// Which command.
        command: String,
    },
    /// The job runs for a while, does nothing, and fails.
    FailLate {
        /// Which command.
        command: String,
        /// How long, in milliseconds of the Manager's time.
        millis: u64,
    },
    /// Somebody else makes an object of the same name right after the command has made its own.
    Twin {
        /// Which command.
        command: String,
    },
    /// What the command should show is damaged: it fails, whenever it is asked, until the fault is taken back.
    Damaged {
        /// Which command.
        command: String,
    },
    /// The guest does not react to the next `stop Vm`.
    IgnoreStop,
    /// The SSH exit status of the exec request is another than it should be.
    ExitStatus {
        /// Which command.
        command: String,
        /// The status.
        status: u32,
    },
    /// The exec request ends without an exit status.
    NoExitStatus {
        /// Which command.
        command: String,
    },
    /// A command on a server is not run and fails.
    ServerFails {
        /// Part of the command.
        contains: String,
        /// Its exit status.
        status: u32,
    },
    /// A command on a server runs to its end, which is told without an exit status.
    ServerNoStatus {
        /// Part of the command.
        contains: String,
    },
    /// A command on a server is not run and not answered, while its connection stays.
    ServerSilent {
        /// Part of the command.
        contains: String,
    },
    /// The connection to a server is cut after so many bytes of a command's input and output together.
    ServerCut {
        /// Part of the command.
        contains: String,
        /// Bytes before the cut.
        after_bytes: u64,
    },
}

/// The faults that are armed.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Vec<Armed>>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// When a lock that lasts a while held somebody up first.
    since: Option<Instant>,
}

impl Faults {
    /// Arms a fault.
    pub fn arm(&self, fault: Fault) {
        self.lock().push(Armed { fault, since: None });
    }

    /// Takes back every fault that has not fired.
    pub fn disarm_all(&self) {
        self.lock().clear();
    }

    /// The faults that have not fired.
    pub fn armed(&self) -> Vec<Fault> {
        self.lock().iter().map(|armed| armed.fault.clone()).collect()
    }

    /// Fires the first armed fault that `matches`.
    pub(crate) fn fire(&self, matches: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut armed = self.lock();
        let at = armed.iter().position(|armed| matches(&armed.fault))?;
        Some(armed.remove(at).fault)
    }

    /// What goes wrong with the job of a command.
    pub(crate) fn sabotage(&self, line: &str) -> Option<Fault> {
        self.fire(|fault| match fault {
            Fault::FailJob { command }
            | Fault::NoSpace { command }
            | Fault::FailChild { command }
            | Fault::FailLate { command, .. }
            | Fault::Twin { command } => begins(line, command),
            _ => false,
        })
    }

    /// Whether what the command should show is damaged.
    pub(crate) fn damages(&self, line: &str) -> bool {
        let armed = self.lock();
        armed
            .iter()
            .any(|armed| matches!(&armed.fault, Fault::Damaged { command } if begins(line, command)))
    }

    /// Whether an armed lock holds this attempt up.
    pub(crate) fn locks(&self, line: &str) -> bool {
        let mut armed = self.lock();
        let holds = armed.iter_mut().position(|armed| armed.holds(line));
        armed.retain(|armed| !armed.is_spent());
        holds.is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    /// Whether this is a lock that holds the command up; counts the attempt.
    fn holds(&mut self, line: &str) -> bool {
        match &mut self.fault {
            Fault::Locked { command, attempts } if *attempts > 0 && begins(line, command) => {
                *attempts -= 1;
                true
            }
            Fault::LockedFor { command, millis } if begins(line, command) => {
                let since = *self.since.get_or_insert_with(Instant::now);
                since.elapsed() < Duration::from_millis(*millis)
            }
            _ => false,
        }
    }

    fn is_spent(&self) -> bool {
        match (&self.fault, self.since) {
            (Fault::Locked { attempts, .. }, _) => *attempts == 0,
            (Fault::LockedFor { millis, .. }, Some(since)) => since.elapsed() >= Duration::from_millis(*millis),
            _ => false,
        }
    }
}

/// Whether the command line starts with these words.
pub(crate) fn begins(line: &str, words: &str) -> bool {
    let mut line = line.split_whitespace();
    words
        .split_whitespace()
        .all(|word| line.next().is_some_and(|found| found.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fires_once_and_a_lock_counts_down() {
        let faults = Faults::default();
        faults.arm(Fault::IgnoreStop);
        faults.arm(Fault::Locked {
            command: "edit vm".to_owned(),
            attempts: 2,
        });
        assert!(faults.fire(|fault| *fault == Fault::IgnoreStop).is_some());
        assert!(faults.fire(|fault| *fault == Fault::IgnoreStop).is_none());
        assert!(!faults.locks("edit Vnic id=1"));
        assert!(faults.locks("edit Vm id=1"));
        assert!(faults.locks("EDIT VM id=1"));
        assert!(!faults.locks("edit Vm id=1"));
        assert_eq!(faults.armed(), []);
    }
}
