//! Jobs: they lock their objects, take time, can be aborted, and go on when the client has gone.

use super::reply::CliError;
use super::{Manager, Session, lookup, now_millis};
use crate::faults::Fault;
use crate::model::{Body, Estate, Job, JobState, Kind, Object};
use ovm::ovmcli::Command;
use std::sync::{Arc, Mutex, PoisonError};

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
    /// What goes wrong with the job.
    pub fault: Option<Fault>,
    /// Objects that the job has locked.
    held: Mutex<Vec<String>>,
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
            let begun = self.store.change(|estate| self.begin(estate, session, command, forced));
            match begun {
                Ok(begun) => {
                    return Ok(Work {
                        manager: self.clone(),
                        command: command.clone(),
                        job: begun.job,
                        subject: begun.subject,
                        target: begun.target,
                        fault: self.faults.sabotage(line),
                        held: Mutex::new(begun.held),
                    });
                }
                Err(Refusal::Locked(_)) if !forced && attempt < attempts && self.waits_for_locks(session) => {
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

/// A job that has been entered.
struct Begun {
    job: u64,
    subject: Option<String>,
    target: Option<(Kind, String)>,
    held: Vec<String>,
}

impl Manager {
    fn waits_for_locks(&self, session: &Session) -> bool {
        self.switches.waits_for_locks && !session.asynchronous
    }

    fn begin(&self, estate: &mut Estate, session: &Session, command: &Command, forced: bool) -> Result<Begun, Refusal> {
        let names = self.names();
        let subject = match &command.selector {
            Some(_) => Some(lookup::subject(estate, names, command)?),
            None => None,
        };
        let target = match &command.target {
            Some(_) => Some(lookup::target(estate, names, command)?),
            None => None,
        };
        let target_id = target.as_ref().map(|(_, id)| id);
        let mut held: Vec<String> = subject.iter().chain(target_id).cloned().collect();
        for object in held.iter().filter_map(|id| estate.objects.get(id)) {
            if forced || object.locked_by.is_some() {
                let error = CliError::locked(&object.name, &object.id, object.kind().as_str());
                return Err(Refusal::Locked(error));
            }
        }
        if self.switches.one_clone_at_a_time && command.is("clone") && is_cloning(estate) {
            let text = "Another clone is running. Try again when it has ended.";
            return Err(Refusal::Locked(CliError::coded("OVMAPI_4023E", text)));
        }
        // An aborted job must be able to end.
        if command.acts_on("Job") {
            held.clear();
        }
        let job = now_millis().max(estate.last_job + 1);
        estate.last_job = job;
        let name = job_name(estate, command, subject.as_deref());
        estate.add_as(job.to_string(), &name, new_job(job, session, subject.clone()));
        for id in &held {
            estate.objects.update(id, |object| object.locked_by = Some(job));
        }
        forget_old_jobs(estate, self.switches.kept_jobs);
        Ok(Begun {
            job,
            subject,
            target,
            held,
        })
    }
}

fn is_cloning(estate: &Estate) -> bool {
    let mut jobs = estate.all::<Job>();
    jobs.any(|(object, job)| job.state == JobState::Running && object.name.starts_with("Clone"))
}

fn new_job(started: u64, session: &Session, subject: Option<String>) -> Body {
    Body::Job(Job {
        subject,
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

fn forget_old_jobs(estate: &mut Estate, kept: usize) {
    let ended: Vec<_> = estate
        .all::<Job>()
        .filter(|(_, job)| job.state != JobState::Running)
        .map(|(object, _)| object.id.clone())
        .collect();
    for id in ended.iter().take(ended.len().saturating_sub(kept)) {
        estate.objects.remove(id);
    }
}

impl Work {
    /// Runs the job to its end and gives its objects free.
    pub async fn run(self) -> Outcome {
        let outcome = self.perform().await;
        let outcome = self.spoil(outcome);
        self.change(|estate| self.end(estate, &outcome));
        outcome
    }

    async fn perform(&self) -> Outcome {
        if self.command.is("abort") {
            return self.abort();
        }
        match self.fault {
            Some(Fault::FailLate { millis, .. }) => {
                self.step(millis).await?;
                return Err(self.failure());
            }
            Some(Fault::FailJob { .. } | Fault::NoSpace { .. }) if !self.clones() => {
                self.step(100).await?;
                return Err(self.failure());
            }
            _ => {}
        }
        match self.command.verb.to_ascii_lowercase().as_str() {
            "create" => self.create().await,
            "edit" => self.edit().await,
            "delete" => self.delete().await,
            "add" | "remove" => self.link().await,
            "clone" if self.command.acts_on("VirtualDisk") => self.clone_disk_of_3_2().await,
            "clone" => self.clone_vm().await,
            "clonevdtorepo" => self.clone_disk_to_repository().await,
            "movevmtorepository" => self.move_vm().await,
            "resize" => self.resize().await,
            "discoverserver" => self.discover_server().await,
            "takeownership" => self.take_ownership().await,
            "embeddedcreate" | "embeddededit" | "embeddeddelete" => self.embedded().await,
            "refresh" | "refreshstoragelayer" | "refreshall" | "validate" => self.refresh().await,
            "addadminserver"
            | "removeadminserver"
            | "addrefreshserver"
            | "removerefreshserver"
            | "addnfsrefreshserver"
            | "removenfsrefreshserver"
            | "addaccesshost"
            | "removeaccesshost" => self.administer().await,
            "setvnicmacaddrrange" => self.set_mac_range(),
            _ => self.power().await,
        }
    }

    /// Commands that fail in the middle of their disks.
    fn clones(&self) -> bool {
        ["clone", "cloneVdToRepo", "moveVmToRepository"]
            .iter()
            .any(|verb| self.command.is(verb))
    }

    /// What an armed fault makes of a job that went well.
    fn spoil(&self, outcome: Outcome) -> Outcome {
        match (&self.fault, &outcome) {
            (Some(Fault::FailChild { .. }), Ok(_)) => Err(self.failure()),
            (Some(Fault::Twin { .. }), Ok(Some(id))) => {
                self.change(|estate| add_twin(estate, id));
                outcome
            }
            _ => outcome,
        }
    }

    /// Locks an object that the job has made.
    pub fn hold(&self, estate: &mut Estate, id: &str) {
        estate.objects.update(id, |object| object.locked_by = Some(self.job));
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(id.to_owned());
    }

    fn end(&self, estate: &mut Estate, outcome: &Outcome) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for id in held.iter() {
            estate.objects.update(id, |object| object.locked_by = None);
        }
        estate.update(&self.job.to_string(), |job: &mut Job| {
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
        });
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
    pub fn failure(&self) -> CliError {
        let reason = match &self.fault {
            Some(Fault::NoSpace { .. }) => "No space left on device",
            Some(Fault::FailChild { .. }) => "a child job ended with: Input/output error",
            _ => "Input/output error",
        };
        CliError::coded(
            "OVMAPI_5001E",
            &format!("Job: failed. Exception in the server's agent: {reason}."),
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

    /// The object that a mandatory attribute names.
    pub fn named(&self, estate: &Estate, kind: Kind, key: &str) -> Result<String, CliError> {
        lookup::reference(estate, self.manager.names(), kind, self.required(key)?)
    }

    /// The object that an optional attribute names.
    pub fn named_if(&self, estate: &Estate, kind: Kind, key: &str) -> Result<Option<String>, CliError> {
        let value = self.command.attribute(key);
        value
            .map(|value| lookup::reference(estate, self.manager.names(), kind, value))
            .transpose()
    }

    /// The objects that an attribute names in a list.
    pub fn named_all(&self, estate: &Estate, kind: Kind, key: &str) -> Result<Vec<String>, CliError> {
        let values = self.command.attribute(key).unwrap_or_default().split(',');
        values
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(|value| lookup::reference(estate, self.manager.names(), kind, value))
            .collect()
    }

    /// Whether an attribute says yes; `None` without the attribute.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.command.attribute(key);
        value.map(|value| value.eq_ignore_ascii_case("yes"))
    }

    /// A number whose range the grammar has checked.
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.command.attribute(key).and_then(|value| value.parse().ok())
    }

    /// A constant in capital letters, which the grammar has checked.
    pub fn constant(&self, key: &str) -> Option<String> {
        self.command.attribute(key).map(str::to_ascii_uppercase)
    }

    fn abort(&self) -> Outcome {
        let id = self.subject()?;
        self.change(|estate| {
            let aborted = estate.update(id, |job: &mut Job| {
                let runs = job.state == JobState::Running;
                if runs {
                    job.state = JobState::Aborted;
                }
                runs
            });
            match aborted {
                Some(true) => Ok(None),
                _ => Err(CliError::coded("OVMAPI_4022E", "The job has ended already.")),
            }
        })
    }
}

/// Somebody else makes an object of the same name at the same moment.
fn add_twin(estate: &mut Estate, id: &str) {
    if let Some(object) = estate.objects.get(id).cloned() {
        let twin = Object {
            id: estate.new_id(object.kind()),
            description: Object::BY_SOMEBODY_ELSE.to_owned(),
            locked_by: None,
            ..object
        };
        estate.objects.insert(twin);
    }
}
