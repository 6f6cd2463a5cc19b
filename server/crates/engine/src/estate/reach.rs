//! Connections to one Manager and its servers, opened when needed and kept while a run or a discovery lasts.

use super::grip::{self, Grip};
use super::reach_error::ReachError;
use super::target::{credential, manager_target, target};
use crate::core::{Core, Limits, Rhythm};
use domain::audit::{AuditSubject, Detail};
use domain::ids::{ManagerId, RunId};
use domain::time::Timestamp;
use ovm::ids::ServerId;
use ovm::ovmcli::answer::Answer;
use ovm::ovmcli::{Command, render};
use ovm::shell::Shell;
use ssh::ovmcli::{ManagerSession, OvmcliError};
use ssh::{ExecOutput, Profile, Session, SshError, Target};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use store::ServerAccessRow;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

/// Output of a control command that is still taken, in bytes.
const OUTPUT_LIMIT: usize = 8 * 1024 * 1024;

/// Requests to a Manager under way at the same time, each on a connection of its own that is used again for the next
/// request: whether a Manager takes several requests at once on one connection is not known.
pub const IN_FLIGHT: usize = 6;

/// How often a connection is tried that a Manager closes at once although no other is in use: those that others have
/// just left may still count.
const ATTEMPTS: usize = 50;

/// Questions to a Manager in one request.
pub const TOGETHER: usize = 20;

/// The way to one Manager and its servers.
pub(crate) struct Reach {
    core: Arc<Core>,
    manager: Whom,
    /// The claim under which something is changed; none for who only looks, or does what no run does.
    grip: Option<Arc<Grip>>,
    idle: Mutex<Vec<ManagerSession>>,
    /// A permit for each connection to the Manager that is in use.
    connections: Semaphore,
    /// How many permits are left: fewer once the Manager has refused a connection beside others.
    at_once: AtomicUsize,
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
            grip: None,
            idle: Mutex::default(),
            connections: Semaphore::new(IN_FLIGHT),
            at_once: AtomicUsize::new(IN_FLIGHT),
            one_command_each: AtomicBool::new(false),
            one_question_each: AtomicBool::new(false),
            servers: Mutex::default(),
        }
    }

    /// Nothing is changed any more when this claim of a run does not hold.
    #[must_use]
    pub(crate) fn under(mut self, run: &RunId, fence: i64) -> Self {
        self.grip = Some(Arc::new(Grip::new(self.core.clone(), run.clone(), fence)));
        self
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.core.now()
    }

    /// To be called right before something is changed on a host, when there is nothing left to wait for.
    ///
    /// # Errors
    /// [`ReachError::LeaseLost`] when the run is no longer this process's.
    pub(crate) async fn look_once_more(&self) -> Result<(), ReachError> {
        match &self.grip {
            Some(grip) => grip.look().await,
            None => Ok(()),
        }
    }

    /// Whether what is under way may go on: the lease lasts, as far as this process can tell by itself.
    pub(crate) fn may_go_on(&self) -> bool {
        self.grip.as_ref().is_none_or(|grip| grip.holds())
    }

    /// How long others get.
    pub(crate) fn limits(&self) -> Limits {
        self.core.limits
    }

    /// How long the engine rests before it looks again.
    pub(crate) fn rhythm(&self) -> Rhythm {
        self.core.rhythm
    }

    /// Sends a command that only reads. A connection that was lost is opened again once; a Manager that does not answer
    /// is not waited for twice.
    pub(crate) async fn ask(&self, command: &Command) -> Result<Answer, ReachError> {
        let line = || render(command).unwrap_or_default();
        match self.answered(None, line, Box::pin(self.asked(command))).await {
            Err(error @ ReachError::Silent { .. }) => Err(error),
            Err(error) if error.leaves_outcome_open() => self.answered(None, line, Box::pin(self.asked(command))).await,
            answer => answer,
        }
    }

    /// Sends commands that only read, several in one request, and gives what came of each, in their order. Those without
    /// a clear answer are sent again, each alone.
    ///
    /// # Errors
    /// When the Manager cannot be reached or does not answer: the rest is not asked then.
    pub(crate) async fn ask_together(
        &self,
        questions: &[Command],
    ) -> Result<Vec<Result<Answer, ReachError>>, ReachError> {
        let mut answers = Vec::with_capacity(questions.len());
        for questions in questions.chunks(TOGETHER) {
            let together = self.together(questions).await?;
            for (question, answer) in questions.iter().zip(together) {
                answers.push(match answer {
                    Some(answer) => Ok(answer),
                    None => match self.ask(question).await {
                        Err(error) if error.is_unreachable() => return Err(error),
                        alone => alone,
                    },
                });
            }
        }
        Ok(answers)
    }

    /// The clear answers of one request. When there is none, the Manager may not take several commands in one, and is not
    /// given them any more.
    async fn together(&self, questions: &[Command]) -> Result<Vec<Option<Answer>>, ReachError> {
        let nothing = || vec![None; questions.len()];
        if questions.len() < 2 || self.one_question_each.load(Ordering::Relaxed) {
            return Ok(nothing());
        }
        let (session, _in_use) = self.manager_session().await?;
        let line = || {
            format!(
                "{} and others",
                questions
                    .first()
                    .and_then(|first| render(first).ok())
                    .unwrap_or_default()
            )
        };
        let asked = async {
            let result = session.run_together(questions).await;
            self.settle(session, result).await
        };
        let answers = match self.answered(None, line, Box::pin(asked)).await {
            Ok(answers) => answers,
            Err(error @ ReachError::Silent { .. }) => return Err(error),
            // A connection that was lost in the middle, or is good for one command only: who asks alone opens another.
            Err(_) => return Ok(nothing()),
        };
        if answers.iter().all(Option::is_none) {
            self.one_question_each.store(true, Ordering::Relaxed);
        }
        Ok(answers)
    }

    /// The answer to a question, if it comes in time.
    async fn answered<T>(
        &self,
        server: Option<&ServerId>,
        command: impl Fn() -> String,
        answer: Pin<Box<impl Future<Output = Result<T, ReachError>>>>,
    ) -> Result<T, ReachError> {
        within(self.limits().question, server, command, answer).await
    }

    /// Sends a command that changes something, once. Connections are kept for the next command; a Manager that refuses a
    /// second command on one gets a new connection for each from then on.
    pub(crate) async fn tell(&self, command: &Command) -> Result<Answer, ReachError> {
        let (session, _in_use) = self.manager_session().await?;
        self.look_once_more().await?;
        self.sent(session, command).await
    }

    async fn asked(&self, command: &Command) -> Result<Answer, ReachError> {
        let (session, _in_use) = self.manager_session().await?;
        self.sent(session, command).await
    }

    async fn sent(&self, session: ManagerSession, command: &Command) -> Result<Answer, ReachError> {
        match session.run_to_success(command).await {
            Err(OvmcliError::Ssh(SshError::Refused { .. })) => {
                self.one_command_each.store(true, Ordering::Relaxed);
                self.idle.lock().await.clear();
                drop(session);
            }
            result => return self.settle(session, result).await,
        }
        let session = self.connect_manager().await?;
        let result = session.run_to_success(command).await;
        self.settle(session, result).await
    }

    /// Sends a command that changes something, and waits so long for its answer at most.
    pub(crate) async fn tell_within(&self, command: &Command, limit: Duration) -> Result<Answer, ReachError> {
        let line = || render(command).unwrap_or_default();
        within(limit, None, line, Box::pin(self.tell(command))).await
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

    /// Runs a command line on a server that may change something; a status other than 0 is an error.
    pub(crate) async fn shell(&self, server: &ServerId, shell: &Shell) -> Result<String, ReachError> {
        self.server(server).await?;
        self.look_once_more().await?;
        succeeded(server, shell, self.run(server, shell, &[]).await?)
    }

    /// Runs a command line on a server that only asks; a status other than 0 is an error.
    pub(crate) async fn look(&self, server: &ServerId, shell: &Shell) -> Result<String, ReachError> {
        succeeded(server, shell, self.shell_output(server, shell).await?)
    }

    /// Runs a command line on a server and returns whatever came of it. For commands that only ask, and soon have an
    /// answer.
    pub(crate) async fn shell_output(&self, server: &ServerId, shell: &Shell) -> Result<ExecOutput, ReachError> {
        let line = || shell.render().unwrap_or_default();
        let output = self
            .answered(Some(server), line, Box::pin(self.run(server, shell, &[])))
            .await;
        if let Err(ReachError::Silent { .. }) = output {
            self.servers.lock().await.remove(server);
        }
        output
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

    /// A connection to the Manager that was kept, or a new one. A Manager that takes no more connections is asked over
    /// those that it takes.
    async fn manager_session(&self) -> Result<(ManagerSession, Option<SemaphorePermit<'_>>), ReachError> {
        let mut attempt = 1;
        loop {
            // Nobody closes the semaphore.
            let permit = self.connections.acquire().await.ok();
            if let Some(kept) = self.idle.lock().await.pop() {
                return Ok((kept, permit));
            }
            match self.connect_manager().await {
                Ok(session) => return Ok((session, permit)),
                Err(error) if !error.is_turned_away() => return Err(error),
                Err(_) if self.does_with_one_less() => permit.into_iter().for_each(SemaphorePermit::forget),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => {
                    attempt += 1;
                    tokio::time::sleep(self.core.rhythm.reconnect).await;
                }
            }
        }
    }

    /// Whether there are other connections to go on with.
    fn does_with_one_less(&self) -> bool {
        let less = |at_once: usize| (at_once > 1).then(|| at_once - 1);
        self.at_once
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }

    async fn connect_manager(&self) -> Result<ManagerSession, ReachError> {
        let manager = match &self.manager {
            Whom::Enrolled(manager) => manager,
            Whom::Rehearsal(target) => return Ok(ManagerSession::connect(target.clone()).await?),
        };
        let row = self.core.store.manager(manager).await?.ok_or(ReachError::NoManager)?;
        stop_when_changed(&row.name, row.changed_fingerprint.as_ref())?;
        match grip::connect(self.grip.as_ref(), manager_target(&self.core, &row)?).await {
            Ok(session) => Ok(session),
            Err(error) => {
                self.note_changed_key(&error, None).await?;
                Err(error.into())
            }
        }
    }

    async fn open(&self, target: &Target, profile: Profile, server: &ServerId) -> Result<Session, ReachError> {
        match Session::connect(target, profile).await {
            Ok(session) => Ok(grip::guarded(self.grip.as_ref(), session)),
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
        let detail = Detail::HostKeyChanged {
            expected: expected.to_string(),
            seen: seen.to_string(),
        };
        let subject = AuditSubject::Host(host.clone());
        tx.audit(&self.core.event("holdfast", subject, detail)).await?;
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
        target(
            &row.host,
            row.port,
            &row.user,
            &row.fingerprint,
            password,
            row.legacy_algorithms,
        )
    }
}

/// An answer within a time. It lies on the heap: connecting is deep in itself, and each level would hold a copy of it.
async fn within<T>(
    limit: Duration,
    server: Option<&ServerId>,
    command: impl Fn() -> String,
    answer: Pin<Box<impl Future<Output = Result<T, ReachError>>>>,
) -> Result<T, ReachError> {
    let silent = |_| ReachError::Silent {
        server: server.cloned(),
        command: command(),
        seconds: limit.as_secs(),
    };
    tokio::time::timeout(limit, answer).await.map_err(silent)?
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
        status,
        stderr: String::from_utf8_lossy(stderr).trim().to_owned(),
    }
}
