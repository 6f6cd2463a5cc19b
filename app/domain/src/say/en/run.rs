//! What runs say: why they are as they are, and the lines of their journals.

use super::{count, fault, request};
use crate::note::Note;
use crate::resource::Resource;
use crate::run::{Decision, Message, RunKind, Settled};
use crate::say::{Language, Say};
use crate::time::Timestamp;
use crate::words::size;
use ovm::estate::VmState;

const EN: Language = Language::En;

pub(in crate::say) fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Backup => "Backup",
        RunKind::RestoreInPlace => "Restore in place",
    }
}

pub(in crate::say) fn message(message: &Message) -> String {
    match message {
        Message::StepFailed { title, fault: why } => format!("{}: {}", title.say(EN), fault::fault(why)),
        Message::UndoFailed { title, fault: why } => {
            format!("“{}” could not be undone: {}", title.say(EN), fault::fault(why))
        }
        Message::Stopped(why) => fault::fault(why),
        Message::Cancelled => "Cancelled; what had been done is undone.".into(),
        Message::CancelledInTime => "Cancelled before anything was started.".into(),
        Message::RolledBack => "The restore is rolled back: the replaced disks are put back.".into(),
        Message::Undecided { title, until } => format!(
            "{}. Without a decision it is rolled back at {}.",
            title.say(EN),
            until.display()
        ),
        Message::RequesterLost { name } => {
            format!("Nothing was done: {name}, who requested it, no longer has the right to.")
        }
        Message::Unconfirmed { title } => format!("{}: someone has to do this and confirm it.", title.say(EN)),
        Message::Settled(how) => settled(*how).into(),
        Message::LeftBehind => "Something could not be removed yet; Holdfast keeps trying.".into(),
        Message::OtherHosts { hosts, asks } => {
            let then = match asks {
                true => {
                    "If that is a different host, an administrator has to enrol the former one again first. If it is the \
                     same host with another key, resume the run or undo it."
                }
                false => "Nothing was changed. Plan again.",
            };
            format!("{} {then}", fault::other_hosts(hosts))
        }
        Message::ApprovalVoid(void) => request::approval_void(void),
        Message::Missed { closed } => missed(*closed),
        Message::TakenBack => "Its request was withdrawn or vetoed before anything was started.".into(),
        Message::WaitsFor(resource) => waits_for(resource).into(),
    }
}

pub(in crate::say) fn settled(how: Settled) -> &'static str {
    match how {
        Settled::GoesOn => "The run is checked and resumed.",
        Settled::GoesBack => "Everything is undone.",
        Settled::UndoesRest => "The rest is undone.",
    }
}

/// The window of a run closed before it had begun.
pub(super) fn missed(closed: Option<Timestamp>) -> String {
    let closed = closed.map(|at| format!(" at {}", at.display())).unwrap_or_default();
    format!("Its window closed{closed} before it could start. Nothing was done.")
}

fn waits_for(resource: &Resource) -> &'static str {
    match resource {
        Resource::CloneOn(_) => "Waiting until the Manager has made the clone of another run.",
        Resource::Transfer | Resource::Server(..) | Resource::Repository(..) | Resource::Target(_) => {
            "Waiting until other runs have copied their disks. Nothing is stopped in the meantime."
        }
    }
}

pub(in crate::say) fn note(note: &Note) -> String {
    match note {
        Note::Failed(why) => fault::fault(why),
        Note::Cancelled => "The run was cancelled during this step.".into(),
        Note::Interrupted => "Holdfast stopped during this step. It is looked up and repeated.".into(),
        Note::AlreadyThere => "The effect is already there.".into(),
        Note::TookEffect => "The answer was lost; looked up, the command did take effect.".into(),
        Note::NothingToUndo => "There is nothing to undo.".into(),
        Note::LeftForSweeper => "Left for the clean-up, which keeps trying.".into(),
        Note::Definition { name, state, mappings } => {
            format!(
                "{name} is {}, with {}.",
                vm_state(state),
                count(*mappings, "disk mapping")
            )
        }
        Note::Stopped => "The VM has stopped.".into(),
        Note::LockKept => "The lock has been held since the interrupted attempt.".into(),
        Note::StaleLockReleased => "A stale lock was released.".into(),
        Note::LockBecameFree => "The lock has become free in the meantime.".into(),
        Note::LockNotOurs => "This run has not taken the lock.".into(),
        Note::LockOfVm => "The VM is running and holds its own lock.".into(),
        Note::NotLocked => "It was not locked.".into(),
        Note::Waited { seconds } => format!("Waited {seconds} seconds."),
        Note::Discarded => "Everything that this run had stored in the backup target is removed.".into(),
        Note::Copied {
            size: of,
            read,
            added,
            sha256,
            data_sha256,
        } => format!(
            "{} in size, {} read, {} added to the backup target. SHA-256 of the image: {sha256}; of its data: {data_sha256}.",
            size(*of),
            size(*read),
            size(*added)
        ),
        Note::Written { bytes } => format!("{} written and flushed.", size(*bytes)),
        Note::Sealed { snapshot } => format!("Stored as {snapshot} in the backup target."),
        Note::ReadBack { file, data_sha256 } => {
            format!("{file}: read back, SHA-256 of its data {data_sha256}, as copied.")
        }
        Note::PointReadable { snapshot } => {
            format!("The stored data {snapshot} can be read and matches the catalogue.")
        }
        Note::Published { point } => format!("Recovery point {point} is in the catalogue."),
        Note::Decided(Decision::Commit) => "Decision: commit.".into(),
        Note::Decided(Decision::RollBack) => "Decision: roll back.".into(),
        Note::Confirmed { by, observed } if observed.is_empty() => format!("Confirmed by {by}."),
        Note::Confirmed { by, observed } => format!("Confirmed by {by}, who saw: {observed}."),
        Note::NotDecided => "Cancelled before anybody could decide.".into(),
        Note::CloneDisk { slot, path } => format!("Slot {slot}: {path}"),
        Note::SlotHeld { slot, disk } => format!("Slot {slot} held the disk {disk}."),
        Note::Gone { object_type, id, after } => {
            format!("{} Looked up: the {object_type} {id} is gone.", fault::fault(after))
        }
        Note::OtherHosts(hosts) => fault::other_hosts(hosts),
    }
}

fn vm_state(state: &VmState) -> &str {
    match state {
        VmState::Running => "running",
        VmState::Stopped => "stopped",
        VmState::Suspended => "suspended",
        VmState::Template => "a template",
        VmState::Other(printed) => printed,
    }
}
