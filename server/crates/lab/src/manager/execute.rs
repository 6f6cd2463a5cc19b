//! One command line in, one reply out.

use super::reply::{CliError, Data, Envelope, Reply};
use super::{Manager, Session, grammar, help, lookup, show, vmcfg};
use crate::faults::{Fault, begins};
use crate::model::{Job, Kind};
use ovm::ovmcli::Command;
use std::sync::Arc;
use std::time::Duration;

impl Manager {
    /// Carries out one command line.
    pub async fn execute(self: &Arc<Self>, session: &mut Session, line: &str) -> Reply {
        let line = line.trim();
        let delay = self
            .faults
            .fire(|fault| matches!(fault, Fault::Delay { command, .. } if begins(line, command)));
        if let Some(Fault::Delay { millis, .. }) = delay {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        let command = match Command::parse(line) {
            Ok(command) => command,
            Err(error) => return answer(line, Err(CliError::syntax(&error.to_string()))),
        };
        if let Some(plain) = help::plain(&command, session, &self.switches) {
            return plain;
        }
        match command.verb.to_ascii_lowercase().as_str() {
            "set" => answer(line, session.set(&command).map(|()| Data::None)),
            "list" => answer(line, self.list(&command)),
            "show" => answer(line, self.show(&command)),
            "getvmcfgfilecontent" => answer(line, self.vm_cfg(&command)),
            _ => self.change(session, command, line).await,
        }
    }

    fn list(&self, command: &Command) -> Result<Data, CliError> {
        let word = command.object_type.as_deref();
        if word.is_some_and(Kind::is_known_but_empty) {
            return Ok(Data::Items(Vec::new()));
        }
        let kind = lookup::kind(word)?;
        Ok(self.store.read(|estate| {
            let objects = estate.of_kind(kind);
            Data::Items(objects.map(|object| (object.id.clone(), object.name.clone())).collect())
        }))
    }

    fn show(&self, command: &Command) -> Result<Data, CliError> {
        self.store.read(|estate| {
            let id = lookup::subject(estate, command)?;
            let object = estate.objects.get(&id);
            let properties = object.map(|object| show::properties(estate, object, &self.switches));
            Ok(Data::Properties(properties.unwrap_or_default()))
        })
    }

    fn vm_cfg(&self, command: &Command) -> Result<Data, CliError> {
        if !command.acts_on("Vm") {
            return Err(CliError::syntax("getVmCfgFileContent takes Vm"));
        }
        let path = self.store.read(|estate| {
            let id = lookup::subject(estate, command)?;
            Ok(vmcfg::path(&self.files, estate, &id))
        })?;
        let text = path.and_then(|path| std::fs::read_to_string(path).ok());
        let text = text.ok_or_else(|| CliError::coded("OVMRU_001020E", "The file vm.cfg could not be read."))?;
        Ok(Data::Text(text.lines().map(str::to_owned).collect()))
    }

    /// A command that changes something: checked, then run as a job that goes on when the client leaves.
    async fn change(self: &Arc<Self>, session: &Session, command: Command, line: &str) -> Reply {
        let begun = match grammar::check(&command) {
            Ok(()) => self.begin_job(session, &command, line).await,
            Err(error) => Err(error),
        };
        let mut work = match begun {
            Ok(work) => work,
            Err(error) => return answer(line, Err(error)),
        };
        let job = work.job;
        work.fails = self
            .faults
            .fire(|fault| matches!(fault, Fault::FailJob { command } if begins(line, command)))
            .is_some();
        let running = tokio::spawn(work.run());
        let outcome = if session.asynchronous {
            Ok(None)
        } else {
            running
                .await
                .unwrap_or_else(|_| Err(CliError::coded("OVMAPI_9999E", "The job ended unexpectedly.")))
        };
        let made = |id: String| self.store.read(|estate| (id.clone(), estate.name_of(&id).to_owned()));
        let (error, data) = match outcome {
            Ok(Some(id)) => (None, Data::Items(vec![made(id)])),
            Ok(None) => (None, Data::None),
            Err(error) => (Some(error), Data::None),
        };
        Reply::Envelope(Envelope {
            command: line.to_owned(),
            error,
            job: Some(job),
            data,
        })
    }

    /// Whether a job has not ended.
    pub(super) fn is_running(&self, job: &str) -> bool {
        let state = self.store.read(|estate| estate.get::<Job>(job).map(|job| job.state));
        state == Some(crate::model::JobState::Running)
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
