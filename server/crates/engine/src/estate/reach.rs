//! Connections to one Manager and its servers, opened when needed and kept while a run or a discovery lasts.

use crate::core::{Core, internal};
use domain::error::ServiceError;
use domain::ids::ManagerId;
use ovm::ids::ServerId;
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::Answer;
use ovm::shell::{Shell, ShellError};
use ssh::ovmcli::{ManagerSession, OvmcliError};
use ssh::{Credential, ExecOutput, Profile, Secret, Session, SshError, Target};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{ManagerRow, ServerAccessRow, StoreError};
use thiserror::Error;
use tokio::sync::Mutex;

/// Output of a control command that is still taken, in bytes.
const OUTPUT_LIMIT: usize = 8 * 1024 * 1024;

/// Questions to a Manager in one request.
pub const TOGETHER: usize = 20;

/// Why a host did not do what was asked. The text is a sentence for people.
#[derive(Debug, Error)]
pub(crate) enum ReachError {
    /// The way there.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The command line of the Manager.
    #[error(transparent)]
    Ovmcli(#[from] OvmcliError),
    /// The Manager answered with something that cannot be understood.
    #[error("The Manager's answer to `{command}` cannot be used: {reason}")]
    Unreadable {
        /// The command as sent.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A command on a server failed.
    #[error("`{command}` failed on server {server} with {status}: {stderr}")]
    Exit {
        /// The server.
        server: ServerId,
        /// The command line.
        command: String,
        /// `exit status 1`, `no exit status`.
        status: String,
        /// What it said.
        stderr: String,
    },
    /// A command that cannot be written.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Nobody has said how to reach the server.
    #[error(
        "Server {server} is not enrolled. An administrator enters its address, account and host key under Administration."
    )]
    NotEnrolled {
        /// The server.
        server: ServerId,
    },
    /// The Manager is not enrolled any more.
    #[error("The Manager is not enrolled any more.")]
    NoManager,
    /// The host has shown another key before, and nobody has settled it.
    #[error(
        "{host} has shown the host key {seen} instead of the pinned one. Every job for it is stopped until an administrator has compared the key on the host itself and enrolled it anew."
    )]
    KeyStopped {
        /// Name of the host.
        host: String,
        /// The key that it showed.
        seen: String,
    },
    /// A stored password or fingerprint cannot be used.
    #[error("{0}")]
    Credential(String),
    /// The data base.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReachError {
    /// The Manager understood and said no, or answered with something else than an answer, as it does to a command or
    /// type that it does not know.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Ovmcli(OvmcliError::Failed { .. } | OvmcliError::Unknown { .. })
        )
    }

    /// Whether something may have happened that we did not hear of.
    pub(crate) fn leaves_outcome_open(&self) -> bool {
        match self {
            Self::Ssh(error) => error.was_sent() || error.is_retryable(),
            Self::Ovmcli(OvmcliError::Ssh(error)) => error.was_sent() || error.is_retryable(),
            Self::Ovmcli(error) => matches!(error, OvmcliError::CutOff { .. } | OvmcliError::Unknown { .. }),
            Self::Exit { status, .. } => status == NO_EXIT_STATUS,
            _ => false,
        }
    }
}

const NO_EXIT_STATUS: &str = "no exit status";

impl From<ReachError> for ServiceError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Store(error) => internal(error),
            other => Self::Estate {
                what: other.to_string(),
                remedy: "Nothing was changed. Check the host and its enrolment under Administration, then try again."
                    .into(),
            },
        }
    }
}

/// The way to one Manager and its servers.
pub(crate) struct Reach {
    core: Arc<Core>,
    manager: Whom,
    idle: Mutex<Vec<ManagerSession>>,
    one_command_each: AtomicBool,
    one_question_each: AtomicBool,
    servers: Mutex<HashMap<ServerId, Arc<Session>>>,
}

/// The Manager that is meant.
enum Whom {
    /// One that is enrolled, with its servers.
    Enrolled(ManagerId),
    /// One for a rehearsal, which has no servers behind it.
    Rehearsal(Target),
}

impl Reach {
    pub(crate) fn new(core: Arc<Core>, manager: ManagerId) -> Self {
        Self::of(core, Whom::Enrolled(manager))
    }

    /// The way to the Manager of a rehearsal.
    pub(crate) fn to(core: Arc<Core>, target: Target) -> Self {
        Self::of(core, Whom::Rehearsal(target))
    }

    fn of(core: Arc<Core>, manager: Whom) -> Self {
        Self {
            core,
            manager,
            idle: Mutex::default(),
            one_command_each: AtomicBool::new(false),
            one_question_each: AtomicBool::new(false),
            servers: Mutex::default(),
        }
    }

    /// Sends a command that only reads. A connection that was lost is opened again once.
    pub(crate) async fn ask(&self, command: &Command) -> Result<Answer, ReachError> {
        match self.tell(command).await {
            Err(error) if error.leaves_outcome_open() => self.tell(command).await,
            answer => answer,
        }
    }

    /// Sends commands that only read, several in one request, and gives what came of each, in their order. Those without
    /// a clear answer are sent again, each alone.
    pub(crate) async fn ask_together(&self, questions: &[Command]) -> Vec<Result<Answer, ReachError>> {
        let mut answers = Vec::with_capacity(questions.len());
        for questions in questions.chunks(TOGETHER) {
            let together = self.together(questions).await;
            for (question, answer) in questions.iter().zip(together) {
                answers.push(match answer {
                    Some(answer) => Ok(answer),
                    None => self.ask(question).await,
                });
            }
        }
        answers
    }

    /// The clear answers of one request. When there is none, the Manager may not take several commands in one, and is not
    /// given them any more.
    async fn together(&self, questions: &[Command]) -> Vec<Option<Answer>> {
        let nothing = || vec![None; questions.len()];
        if questions.len() < 2 || self.one_question_each.load(Ordering::Relaxed) {
            return nothing();
        }
        let kept = self.idle.lock().await.pop();
        let session = match kept {
            Some(session) => session,
            None => match self.connect_manager().await {
                Ok(session) => session,
                // Who asks alone learns why.
                Err(_) => return nothing(),
            },
        };
        let result = session.run_together(questions).await;
        let Ok(answers) = self.settle(session, result).await else {
            return nothing();
        };
        if answers.iter().all(Option::is_none) {
            self.one_question_each.store(true, Ordering::Relaxed);
        }
        answers
    }

    /// Sends a command that changes something, once. Connections are kept for the next command; a Manager that refuses a
    /// second command on one gets a new connection for each from then on.
    pub(crate) async fn tell(&self, command: &Command) -> Result<Answer, ReachError> {
        let kept = self.idle.lock().await.pop();
        if let Some(session) = kept {
            match session.run_to_success(command).await {
                Err(OvmcliError::Ssh(SshError::Refused { .. })) => {
                    self.one_command_each.store(true, Ordering::Relaxed);
                    self.idle.lock().await.clear();
                }
                result => return self.settle(session, result).await,
            }
        }
        let session = self.connect_manager().await?;
        let result = session.run_to_success(command).await;
        self.settle(session, result).await
    }

    /// Keeps the connection when it is good for more.
    async fn settle<T>(&self, session: ManagerSession, result: Result<T, OvmcliError>) -> Result<T, ReachError> {
        match &result {
            Ok(_) | Err(OvmcliError::Failed { .. }) if !self.one_command_each.load(Ordering::Relaxed) => {
                self.idle.lock().await.push(session);
            }
            Err(OvmcliError::Ssh(error)) => self.note_changed_key(error, None).await?,
            _ => {}
        }
        Ok(result?)
    }

    /// Runs a command line on a server; a status other than 0 is an error.
    pub(crate) async fn shell(&self, server: &ServerId, shell: &Shell) -> Result<String, ReachError> {
        succeeded(server, shell, self.shell_output(server, shell).await?)
    }

    /// Runs a command line on a server and returns whatever came of it. For commands that only ask.
    pub(crate) async fn shell_output(&self, server: &ServerId, shell: &Shell) -> Result<ExecOutput, ReachError> {
        self.run(server, shell, &[]).await
    }

    /// Runs a command line on a server that reads `input`; a status other than 0 is an error.
    pub(crate) async fn shell_with_input(
        &self,
        server: &ServerId,
        shell: &Shell,
        input: &str,
    ) -> Result<String, ReachError> {
        let output = self.run(server, shell, input.as_bytes()).await?;
        succeeded(server, shell, output)
    }

    async fn run(&self, server: &ServerId, shell: &Shell, input: &[u8]) -> Result<ExecOutput, ReachError> {
        let command = shell.render()?;
        let session = self.server(server).await?;
        match session.exec_with_input(&command, input, OUTPUT_LIMIT).await {
            Ok(output) => Ok(output),
            Err(error) => {
                self.servers.lock().await.remove(server);
                Err(error.into())
            }
        }
    }

    /// A connection for moving disks, of its own.
    pub(crate) async fn bulk(&self, server: &ServerId) -> Result<Session, ReachError> {
        let row = self.server_row(server).await?;
        self.open(&self.server_target(&row)?, Profile::Bulk, server).await
    }

    async fn server(&self, server: &ServerId) -> Result<Arc<Session>, ReachError> {
        let mut open = self.servers.lock().await;
        if let Some(session) = open.get(server)
            && !session.is_closed()
        {
            return Ok(session.clone());
        }
        let row = self.server_row(server).await?;
        let session = Arc::new(self.open(&self.server_target(&row)?, Profile::Control, server).await?);
        open.insert(server.clone(), session.clone());
        Ok(session)
    }

    async fn connect_manager(&self) -> Result<ManagerSession, ReachError> {
        let manager = match &self.manager {
            Whom::Enrolled(manager) => manager,
            Whom::Rehearsal(target) => return Ok(ManagerSession::connect(target.clone()).await?),
        };
        let row = self.core.store.manager(manager).await?.ok_or(ReachError::NoManager)?;
        stop_when_changed(&row.name, row.changed_fingerprint.as_ref())?;
        match ManagerSession::connect(manager_target(&self.core, &row)?).await {
            Ok(session) => Ok(session),
            Err(error) => {
                self.note_changed_key(&error, None).await?;
                Err(error.into())
            }
        }
    }

    async fn open(&self, target: &Target, profile: Profile, server: &ServerId) -> Result<Session, ReachError> {
        match Session::connect(target, profile).await {
            Ok(session) => Ok(session),
            Err(error) => {
                self.note_changed_key(&error, Some(server)).await?;
                Err(error.into())
            }
        }
    }

    /// A changed host key stops every further job for that host: it is written down where everybody sees it.
    async fn note_changed_key(&self, error: &SshError, server: Option<&ServerId>) -> Result<(), ReachError> {
        let (SshError::HostKeyChanged { host, expected, seen }, Whom::Enrolled(manager)) = (error, &self.manager)
        else {
            return Ok(());
        };
        let tx = self.core.store.begin().await?;
        match server {
            None => {
                tx.set_manager_changed_fingerprint(manager, Some(&seen.to_string()))
                    .await?
            }
            Some(server) => {
                tx.set_server_changed_fingerprint(manager, server, Some(&seen.to_string()))
                    .await?
            }
        }
        let detail = format!("{host} showed {seen} instead of {expected}; jobs for it are stopped.");
        tx.audit(
            &self
                .core
                .event("holdfast", "host_key.changed.v1", format!("host {host}"), detail),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn server_row(&self, server: &ServerId) -> Result<ServerAccessRow, ReachError> {
        let rows = match &self.manager {
            Whom::Enrolled(manager) => self.core.store.server_accesses(manager).await?,
            Whom::Rehearsal(_) => Vec::new(),
        };
        let row = rows.into_iter().find(|row| row.server == *server);
        let row = row.ok_or_else(|| ReachError::NotEnrolled { server: server.clone() })?;
        stop_when_changed(&row.name, row.changed_fingerprint.as_ref())?;
        Ok(row)
    }

    fn server_target(&self, row: &ServerAccessRow) -> Result<Target, ReachError> {
        let password = self.core.seal_key.open(&row.sealed_password).map_err(credential)?;
        target(&row.host, row.port, &row.user, &row.fingerprint, password, false)
    }
}

/// Everything needed to connect to an enrolled Manager.
pub(crate) fn manager_target(core: &Core, row: &ManagerRow) -> Result<Target, ReachError> {
    let password = core.seal_key.open(&row.sealed_password).map_err(credential)?;
    target(
        &row.host,
        row.port,
        &row.user,
        &row.fingerprint,
        password,
        row.legacy_algorithms,
    )
}

/// Everything needed to connect to a host.
pub(crate) fn target(
    host: &str,
    port: u16,
    user: &str,
    fingerprint: &str,
    password: String,
    legacy_algorithms: bool,
) -> Result<Target, ReachError> {
    Ok(Target {
        host: host.to_owned(),
        port,
        user: user.to_owned(),
        host_key: fingerprint.parse().map_err(credential)?,
        credential: Credential::Password(Secret::new(password)),
        legacy_algorithms,
    })
}

fn credential(error: impl std::fmt::Display) -> ReachError {
    ReachError::Credential(error.to_string())
}

fn stop_when_changed(host: &str, changed: Option<&String>) -> Result<(), ReachError> {
    match changed {
        Some(seen) => Err(ReachError::KeyStopped {
            host: host.to_owned(),
            seen: seen.clone(),
        }),
        None => Ok(()),
    }
}

fn succeeded(server: &ServerId, shell: &Shell, output: ExecOutput) -> Result<String, ReachError> {
    if output.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(exit_error(server, shell, output.exit_status, &output.stderr))
}

/// A command that ended with another status than 0, as an error.
pub(crate) fn exit_error(server: &ServerId, shell: &Shell, status: Option<u32>, stderr: &[u8]) -> ReachError {
    ReachError::Exit {
        server: server.clone(),
        command: shell.render().unwrap_or_default(),
        status: status.map_or_else(|| NO_EXIT_STATUS.to_owned(), |status| format!("exit status {status}")),
        stderr: String::from_utf8_lossy(stderr).trim().to_owned(),
    }
}
