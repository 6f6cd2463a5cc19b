//! Jobs: they lock their objects, take time, can be aborted, and go on when the client has gone.

use super::reply::CliError;
use super::{Manager, Session, lookup, now_millis};
use crate::model::{Body, Estate, Job, JobState, Kind};
use ovm::ovmcli::Command;
use std::sync::Arc;

/// Finished jobs that `list Job` still shows.
const KEPT_JOBS: usize = 200;

/// The new object of a command, if it makes one.
pub(super) type Outcome = Result<Option<String>, CliError>;

/// A command on its way as a job.
pub(super) struct Work {
    pub manager: Arc<Manager>,
    pub command: Command,
    pub job: u64,
    /// The object after the type.
    pub subject: Option<String>,
    /// The object after `on`, `to` or `from`.
    pub target: Option<(Kind, String)>,
    /// A fault makes the job fail.
    pub fails: bool,
}

impl Manager {
    /// Finds the objects of a command, locks them and enters the job. Waits a while for objects that are locked, as
    /// the synchronous command line does.
    pub(super) async fn begin_job(
        self: &Arc<Self>,
        session: &Session,
        command: &Command,
        line: &str,
    ) -> Result<Work, CliError> {
        let (attempts, pause) = self.pace.lock_patience();
        let mut attempt = 0;
        loop {
            let forced = self.faults.locks(line);
            let begun = self.store.change(|estate| begin(estate, session, command, forced));
            match begun {
                Ok((job, subject, target)) => {
                    return Ok(Work {
                        manager: self.clone(),
                        command: command.clone(),
                        job,
                        subject,
                        target,
                        fails: false,
                    });
                }
                Err(Refusal::Locked(_)) if !forced && attempt < attempts && !session.asynchronous => {
                    attempt += 1;
                    tokio::time::sleep(pause).await;
                }
                Err(Refusal::Locked(error) | Refusal::Other(error)) => return Err(error),
            }
        }
    }
}

enum Refusal {
    Locked(CliError),
    Other(CliError),
}

impl From<CliError> for Refusal {
    fn from(error: CliError) -> Self {
        Self::Other(error)
    }
}

type Begun = (u64, Option<String>, Option<(Kind, String)>);

fn begin(estate: &mut Estate, session: &Session, command: &Command, forced: bool) -> Result<Begun, Refusal> {
    let subject = match &command.selector {
        Some(_) => Some(lookup::subject(estate, command)?),
        None => None,
    };
    let target = match &command.target {
        Some(_) => Some(lookup::target(estate, command)?),
        None => None,
    };
    let objects: Vec<String> = subject
        .iter()
        .chain(target.as_ref().map(|(_, id)| id))
        .cloned()
        .collect();
    for id in &objects {
        if let Some(object) = estate.objects.get(id)
            && (forced || object.locked_by.is_some())
        {
            let error = CliError::locked(&object.name, id, object.kind().as_str());
            return Err(Refusal::Locked(error));
        }
    }
    let job = now_millis().max(estate.last_job + 1);
    estate.last_job = job;
    let name = job_name(estate, command, subject.as_deref());
    estate.add_as(job.to_string(), &name, new_job(job, session));
    // An aborted job must be able to end.
    if !command.acts_on("Job") {
        for id in &objects {
            if let Some(object) = estate.objects.get_mut(id) {
                object.locked_by = Some(job);
            }
        }
    }
    forget_old_jobs(estate);
    Ok((job, subject, target))
}

fn new_job(started: u64, session: &Session) -> Body {
    Body::Job(Job {
        state: JobState::Running,
        error: String::new(),
        result: None,
        started,
        ended: None,
        user: session.user.clone(),
    })
}

/// `Clone Vm: web01`, as the Manager names jobs after operation and object.
fn job_name(estate: &Estate, command: &Command, subject: Option<&str>) -> String {
    let mut verb = command.verb.clone();
    if let Some(first) = verb.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let kind = command.object_type.as_deref().unwrap_or_default();
    let of = subject
        .map(|id| estate.name_of(id))
        .or(command.attribute("name"))
        .unwrap_or_default();
    format!("{verb} {kind}: {of}").trim_end_matches([':', ' ']).to_owned()
}

fn forget_old_jobs(estate: &mut Estate) {
    let ended: Vec<_> = estate
        .all::<Job>()
        .filter(|(_, job)| job.state != JobState::Running)
        .map(|(object, _)| object.id.clone())
        .collect();
    for id in ended.iter().take(ended.len().saturating_sub(KEPT_JOBS)) {
        estate.objects.remove(id);
    }
}

impl Work {
    /// Runs the job to its end and gives its objects free.
    pub async fn run(self) -> Outcome {
        let outcome = self.perform().await;
        self.manager.store.change(|estate| end(estate, self.job, &outcome));
        outcome
    }

    async fn perform(&self) -> Outcome {
        if self.command.is("abort") {
            return self.abort();
        }
        if self.fails && !self.command.is("clone") {
            self.step(100).await?;
            return Err(self.fault());
        }
        match self.command.verb.to_ascii_lowercase().as_str() {
            "create" => self.create().await,
            "edit" => self.edit().await,
            "delete" => self.delete().await,
            "add" | "remove" => self.link().await,
            "clone" => self.clone_vm().await,
            "clonevdtorepo" => self.clone_disk_to_repository().await,
            "refresh" | "refreshstoragelayer" | "refreshall" => self.refresh().await,
            _ => self.power().await,
        }
    }

    /// One transition of the job; fails when the job was aborted meanwhile.
    pub async fn step(&self, millis: u64) -> Result<(), CliError> {
        self.manager.pace.transition(millis).await;
        if self.manager.is_running(&self.job.to_string()) {
            Ok(())
        } else {
            Err(CliError::coded("OVMAPI_4021E", "The job was aborted by the user."))
        }
    }

    /// What an armed fault says.
    pub fn fault(&self) -> CliError {
        CliError::coded(
            "OVMAPI_5001E",
            "Job: failed. Exception in the server's agent: Input/output error.",
        )
    }

    /// The object after the type; the grammar has made sure that there is one.
    pub fn subject(&self) -> Result<&str, CliError> {
        self.subject
            .as_deref()
            .ok_or_else(|| CliError::syntax("id= or name= is missing"))
    }

    /// The object after the preposition.
    pub fn target(&self) -> Result<&str, CliError> {
        let target = self.target.as_ref().map(|(_, id)| id.as_str());
        target.ok_or_else(|| CliError::syntax("the object after on, to or from is missing"))
    }

    /// An attribute that the grammar demands.
    pub fn required(&self, key: &str) -> Result<&str, CliError> {
        self.command
            .attribute(key)
            .ok_or_else(|| CliError::syntax(&format!("the attribute {key} is missing")))
    }

    /// Changes the estate; an error leaves the change half done only where `change` does so itself.
    pub fn change<T>(&self, change: impl FnOnce(&mut Estate) -> T) -> T {
        self.manager.store.change(change)
    }

    /// Looks at the estate.
    pub fn read<T>(&self, look: impl FnOnce(&Estate) -> T) -> T {
        self.manager.store.read(look)
    }

    fn abort(&self) -> Outcome {
        let id = self.subject()?;
        self.change(|estate| match estate.get_mut::<Job>(id) {
            Some(job) if job.state == JobState::Running => {
                job.state = JobState::Aborted;
                Ok(None)
            }
            _ => Err(CliError::coded("OVMAPI_4022E", "The job has ended already.")),
        })
    }
}

fn end(estate: &mut Estate, id: u64, outcome: &Outcome) {
    for object in estate.objects.values_mut() {
        if object.locked_by == Some(id) {
            object.locked_by = None;
        }
    }
    if let Some(job) = estate.get_mut::<Job>(&id.to_string()) {
        job.ended = Some(now_millis());
        match outcome {
            Ok(made) => {
                job.state = JobState::Success;
                job.result.clone_from(made);
            }
            Err(error) => {
                if job.state == JobState::Running {
                    job.state = JobState::Failure;
                }
                error.text().clone_into(&mut job.error);
            }
        }
    }
}
