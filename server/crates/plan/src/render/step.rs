//! One step as texts.

use super::{action, place};
use crate::words::size;
use domain::plan::{Bind, Check, Probe, RemoteFile, Step};

/// A step as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// Where it runs.
    pub place: String,
    /// What runs: see [`action`].
    pub command: String,
    /// What must be true afterwards, a sentence.
    pub check: Option<String>,
    /// How it is told that it is already done, a sentence.
    pub probe: Option<String>,
    /// How it is undone, in order: place and what runs there. Empty: it needs no undo, or has none.
    pub undo: Vec<(String, String)>,
    /// What is learned, each as name and sentence.
    pub learns: Vec<(String, String)>,
}

/// The texts of a step.
pub fn step(step: &Step) -> StepText {
    let undo = step.undo.iter();
    StepText {
        place: place(&step.place),
        command: action(&step.action),
        check: step.check.as_ref().map(check),
        probe: step.probe.as_ref().map(probe),
        undo: undo.map(|undo| (place(&undo.place), action(&undo.action))).collect(),
        learns: step
            .binds
            .iter()
            .map(|bind| (bind.name().to_owned(), learns(bind)))
            .collect(),
    }
}

fn check(check: &Check) -> String {
    match check {
        Check::FreeSpace {
            at_least_bytes: 0,
            at_least_percent,
        } => {
            format!("At least {at_least_percent} % are free.")
        }
        Check::FreeSpace {
            at_least_bytes,
            at_least_percent: 0,
        } => format!("At least {} are free.", size(*at_least_bytes)),
        Check::FreeSpace {
            at_least_bytes,
            at_least_percent,
        } => {
            format!("At least {} and {at_least_percent} % are free.", size(*at_least_bytes))
        }
        Check::NotListed { vm } => format!("The list does not show {vm}."),
        Check::VmRunning { running, .. } => format!("The Manager shows the machine {}.", state(*running)),
        Check::NotRunning { .. } => {
            "The Manager shows the machine not running: nobody has started it meanwhile.".to_owned()
        }
        Check::Sha256 {
            file: RemoteFile { path, .. },
            sha256,
        } => format!("{path}, read again, has the SHA-256 {sha256}."),
        Check::FilesExist { files } => {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            format!("There: {}.", paths.join(", "))
        }
    }
}

fn probe(probe: &Probe) -> String {
    match probe {
        Probe::ObjectNamed { object_type, name } => format!("list {object_type} shows {name}."),
        Probe::NoObjectNamed { object_type, name } => format!("list {object_type} does not show {name}."),
        Probe::VmRunning { running, .. } => format!("The Manager shows the machine {}.", state(*running)),
        Probe::HighAvailability { on, .. } => {
            format!(
                "The Manager shows high availability {}.",
                if *on { "on" } else { "off" }
            )
        }
        Probe::PathExists { file } => format!("{} is there.", file.path),
        Probe::PathAbsent { file } => format!("{} is not there, and its repository is mounted.", file.path),
        Probe::Moved { from, to } => format!("{} is gone and {to} is there.", from.path),
        Probe::HasSha256 { file, sha256 } => format!("{} has the SHA-256 {sha256}.", file.path),
    }
}

fn state(running: bool) -> &'static str {
    if running { "running" } else { "not running" }
}

fn learns(bind: &Bind) -> String {
    match bind {
        Bind::NewObject {
            object_type,
            object_name,
            ..
        } => format!("The id of the {object_type} {object_name}."),
        Bind::CloneDiskPath { slot, .. } => format!("The path of the clone's disk in slot {slot}."),
    }
}
