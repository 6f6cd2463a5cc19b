//! One command line in, one reply out.

use super::reply::{CliError, Data, Envelope, Reply};
use super::{Manager, Session, grammar, help, lookup, show};
use crate::faults::{Fault, begins};
use crate::model::{Job, JobState, Kind, Object, Vm, VmStatus};
use crate::switches::{LineEnd, TemplateNames, VmCfgLayout};
use ovm::ovmcli::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Manager {
    /// Carries out one command line in a session of its own and gives what it prints, with `\n` as line end.
    pub async fn execute_alone(self: &Arc<Self>, line: &str) -> String {
        let mut session = Session::new("admin", &self.switches);
        session.line_end = LineEnd::Lf;
        let reply = self.execute(&mut session, line).await;
        reply.render(&session, &self.switches, super::now())
    }

    /// Carries out one command line.
    pub async fn execute(self: &Arc<Self>, session: &mut Session, line: &str) -> Reply {
        let line = line.trim();
        let delay = self
            .faults
            .fire(|fault| matches!(fault, Fault::Delay { command, .. } if begins(line, command)));
        let reply = self.reply(session, line).await;
        if let Some(Fault::Delay { millis, .. }) = delay {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        reply
    }

    async fn reply(self: &Arc<Self>, session: &mut Session, line: &str) -> Reply {
        let command = match Command::parse(line) {
            Ok(command) => command,
            Err(error) => return self.unread(line, &error.to_string()),
        };
        if let Err(error) = grammar::check(&command, self.switches.dialect) {
            return answer(line, Err(error));
        }
        if let Some(plain) = help::plain(&command, line, session, self) {
            return plain;
        }
        if self.faults.damages(line) {
            return answer(line, Err(CliError::coded("OVMAPI_9999E", "Internal error")));
        }
        match command.verb.to_ascii_lowercase().as_str() {
            "set" => answer(line, session.set(&command).map(|()| Data::None)),
            "list" => answer(line, self.list(&command)),
            "show" => answer(line, self.show(&command)),
            "getvmcfgfilecontent" => self.vm_cfg(line, &command),
            "geteventsforobject" => answer(line, self.events(&command)),
            _ => self.change(session, command, line).await,
        }
    }

    /// A line that is no command; whether it gets an envelope is uncertain.
    fn unread(&self, line: &str, reason: &str) -> Reply {
        let error = CliError::syntax(reason);
        match self.switches.syntax_errors_in_envelope {
            true => answer(line, Err(error)),
            false => Reply::Plain(vec![error.text().to_owned()]),
        }
    }

    fn list(&self, command: &Command) -> Result<Data, CliError> {
        // A type that the release knows and of which this estate has nothing.
        let Some(kind) = command.object_type.as_deref().and_then(Kind::parse) else {
            return Ok(Data::Items(Vec::new()));
        };
        Ok(self.store.read(|estate| {
            let objects = estate.objects.of_kind(kind);
            let named = |object: &Object| match (self.switches.template_names, estate.get::<Vm>(&object.id)) {
                (TemplateNames::Archives, Some(vm)) if vm.status == VmStatus::Template => {
                    format!("{}.tgz", object.name)
                }
                _ => object.name.clone(),
            };
            Data::Items(objects.map(|object| (object.id.clone(), named(object))).collect())
        }))
    }

    fn show(&self, command: &Command) -> Result<Data, CliError> {
        self.store.read(|estate| {
            let id = lookup::subject(estate, self.names(), command)?;
            let object = estate.objects.get(&id);
            let properties = object.map(|object| show::properties(estate, object, &self.switches));
            Ok(Data::Properties(properties.unwrap_or_default()))
        })
    }

    fn vm_cfg(&self, line: &str, command: &Command) -> Reply {
        let text = self.store.read(|estate| {
            if !command.acts_on("Vm") {
                return Err(CliError::syntax("getVmCfgFileContent takes Vm"));
            }
            let id = lookup::subject(estate, self.names(), command)?;
            let text = self.storage.read_vm_cfg(estate, &id);
            text.ok_or_else(|| CliError::coded("OVMRU_001020E", "The file vm.cfg could not be read."))
        });
        let lines = text.map(|text| text.lines().map(str::to_owned).collect());
        match (lines, self.switches.vm_cfg) {
            (Ok(lines), VmCfgLayout::NoEnvelope) => Reply::Plain(lines),
            (Ok(lines), VmCfgLayout::Flush) => answer(line, Ok(Data::Flush(lines))),
            (lines, _) => answer(line, lines.map(Data::Text)),
        }
    }

    /// `getEventsForObject objType= objId=`: how the jobs of the object ended.
    fn events(&self, command: &Command) -> Result<Data, CliError> {
        let attribute = |key: &str| {
            let value = command.attribute(key);
            value.ok_or_else(|| CliError::syntax(&format!("the attribute {key} is missing")))
        };
        let kind = lookup::kind(Some(attribute("objType")?))?;
        let id = attribute("objId")?;
        self.store.read(|estate| {
            let id = lookup::reference(estate, self.names(), kind, id)?;
            let jobs = estate.all::<Job>().filter(|(_, job)| job.subject.as_ref() == Some(&id));
            let lines = jobs.flat_map(|(object, job)| {
                let (state, severity) = match job.state {
                    JobState::Running => ("running", "Informational"),
                    JobState::Success => ("success", "Informational"),
                    JobState::Failure | JobState::Aborted => ("failure", "Critical"),
                };
                [
                    format!("id:{}  name:{}", object.id, object.name),
                    format!("type = job.{state}"),
                    format!("severity = {severity}"),
                ]
            });
            Ok(Data::Text(lines.collect()))
        })
    }

    /// A command that changes something: checked, then run as a job that goes on when the client leaves.
    async fn change(self: &Arc<Self>, session: &Session, command: Command, line: &str) -> Reply {
        let cloned = command.is("clone");
        let work = match self.begin_job(session, &command, line).await {
            Ok(work) => work,
            Err(error) => return answer(line, Err(error)),
        };
        let job = work.job;
        session.job.store(job, Ordering::Relaxed);
        let subject = work.subject.clone();
        let running = tokio::spawn(work.run());
        let outcome = if session.asynchronous {
            Ok(None)
        } else {
            running
                .await
                .unwrap_or_else(|_| Err(CliError::coded("OVMAPI_9999E", "The job ended unexpectedly.")))
        };
        let data = outcome
            .as_ref()
            .map_or(Data::None, |made| self.of_change(cloned, made.clone(), subject));
        Reply::Envelope(Envelope {
            command: line.to_owned(),
            error: outcome.err(),
            job: Some(job),
            data,
        })
    }

    /// What a command that changed something prints below its envelope.
    fn of_change(&self, cloned: bool, made: Option<String>, subject: Option<String>) -> Data {
        let made = made.filter(|_| !cloned || self.switches.clone_prints_id);
        let shown = made.or(subject.filter(|_| self.switches.data_on_changes));
        let named = |id: String| self.store.read(|estate| (id.clone(), estate.name_of(&id).to_owned()));
        shown.map_or(Data::None, |id| Data::Items(vec![named(id)]))
    }

    /// Aborts a job, unless it has ended.
    pub(super) fn abort(&self, job: u64) {
        self.store.change(|estate| {
            estate.update(&job.to_string(), |job: &mut Job| {
                if job.state == JobState::Running {
                    job.state = JobState::Aborted;
                }
            });
        });
    }

    /// Whether a job has not ended.
    pub(super) fn is_running(&self, job: &str) -> bool {
        let state = self.store.read(|estate| estate.get::<Job>(job).map(|job| job.state));
        state == Some(JobState::Running)
    }
}

fn answer(line: &str, outcome: Result<Data, CliError>) -> Reply {
    let (error, data) = match outcome {
        Ok(data) => (None, data),
        Err(error) => (Some(error), Data::None),
    };
    Reply::Envelope(Envelope {
        command: line.to_owned(),
        error,
        job: None,
        data,
    })
}
