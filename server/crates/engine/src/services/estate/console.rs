//! The console: one command that only asks, sent as it was read, and the answer as it came.

use crate::core::{Core, from_store};
use crate::estate::{Reach, ReachError};
use crate::services::access::commit;
use domain::actor::Actor;
use domain::audit::{AuditSubject, Detail};
use domain::console::{RawAnswer, admit};
use domain::error::{ConsoleFlaw, Errand, ServiceError};
use domain::fault::HostFault;
use domain::ids::ManagerId;
use domain::services::Answer;
use ovm::ovmcli::{Status, render};
use ssh::ovmcli::OvmcliError;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A person waits for the answer; what only asks is answered long before.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks the Manager.
///
/// # Errors
/// [`ServiceError::Invalid`] when the line does more than ask, [`ServiceError::Estate`] when there is no answer. A
/// refusal by the Manager is an answer.
pub(super) async fn ask(core: &Arc<Core>, actor: &Actor, manager: &ManagerId, line: &str) -> Answer<RawAnswer> {
    let command = admit(line)?;
    // What was read is what is sent: spellings that Holdfast and the Manager could read differently do not get through.
    let line = render(&command).map_err(|error| {
        let detail = error.to_string();
        ServiceError::invalid("line", ConsoleFlaw::NotWritable { detail })
    })?;
    write_down(core, actor, manager, &line).await?;
    let reach = Reach::new(core.clone(), manager.clone());
    let began = Instant::now();
    let outcome = tokio::time::timeout(PATIENCE, reach.tell(&command)).await;
    let (status, text) = match outcome {
        Ok(outcome) => said(outcome)?,
        Err(_) => return Err(silence(&line)),
    };
    Ok(RawAnswer {
        line,
        status,
        text,
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Before anything is sent, so that no question is asked without a trace.
async fn write_down(core: &Core, actor: &Actor, manager: &ManagerId, line: &str) -> Answer<()> {
    let detail = Detail::ConsoleAsked { line: line.to_owned() };
    let event = core.event(&actor.name, AuditSubject::Manager(manager.clone()), detail);
    let stored = async { commit(core.store.begin().await?, &event).await };
    stored.await.map_err(from_store)
}

fn said(outcome: Result<ovm::ovmcli::Answer, ReachError>) -> Answer<(Status, String)> {
    match outcome {
        Ok(answer) => Ok((answer.status, answer.raw)),
        Err(ReachError::Ovmcli(OvmcliError::Failed { raw, .. })) => Ok((Status::Failure, raw)),
        Err(ReachError::Ovmcli(OvmcliError::Unknown { raw, .. } | OvmcliError::CutOff { raw, .. })) => {
            Ok((Status::Unknown, raw))
        }
        Err(error) => Err(error.into()),
    }
}

fn silence(line: &str) -> ServiceError {
    let silent = HostFault::Silent {
        server: None,
        command: line.to_owned(),
        seconds: PATIENCE.as_secs(),
    };
    ServiceError::estate(silent, Errand::Asking)
}
