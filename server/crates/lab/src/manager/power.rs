//! Starting, stopping and moving machines.

use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::faults::Fault;
use crate::model::{Estate, Kind, Repository, Server, Vm, VmStatus};
use std::io::ErrorKind;

impl Work {
    pub(super) async fn power(&self) -> Outcome {
        match self.command.verb.to_ascii_lowercase().as_str() {
            verb if !self.command.acts_on("Vm") => Err(CliError::not_simulated(verb)),
            "start" => self.start().await,
            "stop" => self.stop().await,
            "kill" => self.kill().await,
            "suspend" => self.turn(&[VmStatus::Running], VmStatus::Suspended, 600).await,
            "resume" => self.turn(&[VmStatus::Suspended], VmStatus::Running, 600).await,
            "restart" => {
                self.stop().await?;
                self.start().await
            }
            "migrate" => self.migrate().await,
            other => Err(CliError::not_simulated(other)),
        }
    }

    async fn start(&self) -> Outcome {
        let id = self.subject()?;
        self.expect(&[VmStatus::Stopped])?;
        let server = self.read(|estate| choose_server(estate, id))?;
        self.step(700).await?;
        // The server's agent takes the machine's lock; a lock that somebody holds keeps the machine down.
        if self.manager.storage.is_locked(id) {
            let text = format!("Start of {id} failed on its server: Lock {id} failed: the resource is busy");
            return Err(CliError::coded("OVMAPI_5001E", &text));
        }
        self.change(|estate| {
            let attached = self.manager.storage.attach(estate, id);
            attached.map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    CliError::coded("OVMAPI_5001E", &format!("Start of {id} failed: No such file: {error}"))
                }
                _ => CliError::coded("OVMAPI_5001E", &format!("Start of {id} failed: {error}")),
            })?;
            estate.update(id, |vm: &mut Vm| {
                vm.server = Some(server);
                vm.status = VmStatus::Running;
            });
            Ok(None)
        })
    }

    async fn stop(&self) -> Outcome {
        self.expect(&[VmStatus::Running])?;
        self.step(900).await?;
        if self.manager.faults.fire(|fault| *fault == Fault::IgnoreStop).is_some() {
            self.step(3000).await?;
            let text = "The Vm did not shut down in time. Its guest may not react to a shutdown.";
            return Err(CliError::coded("OVMAPI_4072E", text));
        }
        self.halt()
    }

    async fn kill(&self) -> Outcome {
        self.expect(&[VmStatus::Running, VmStatus::Suspended])?;
        self.step(200).await?;
        self.halt()
    }

    fn halt(&self) -> Outcome {
        let id = self.subject()?;
        self.manager.storage.detach(id);
        self.set(VmStatus::Stopped)
    }

    async fn turn(&self, from: &[VmStatus], to: VmStatus, millis: u64) -> Outcome {
        self.expect(from)?;
        self.step(millis).await?;
        self.set(to)
    }

    fn set(&self, status: VmStatus) -> Outcome {
        let id = self.subject()?;
        self.change(|estate| estate.update(id, |vm: &mut Vm| vm.status = status));
        Ok(None)
    }

    fn expect(&self, states: &[VmStatus]) -> Result<(), CliError> {
        let id = self.subject()?;
        let status = self.read(|estate| estate.get::<Vm>(id).map(|vm| vm.status));
        match status {
            Some(status) if states.contains(&status) => Ok(()),
            _ => Err(CliError::coded(
                "OVMAPI_4010E",
                &format!(
                    "Attempt to send command {} to the Vm in the state {status:?} failed.",
                    self.command.verb
                ),
            )),
        }
    }

    /// Without a destination a stopped machine loses its server.
    async fn migrate(&self) -> Outcome {
        let id = self.subject()?;
        let server = self.read(|estate| {
            let server = self.named_if(estate, Kind::Server, "destServer")?;
            if let Some(server) = &server {
                may_take(estate, server, id)?;
            }
            Ok(server)
        })?;
        if server.is_none() {
            self.expect(&[VmStatus::Stopped])?;
        }
        self.step(1500).await?;
        self.change(|estate| {
            let found = server.as_ref().and_then(|server| estate.get::<Server>(server));
            let pool = found.and_then(|server| server.pool.clone());
            estate.update(id, |vm: &mut Vm| (vm.server, vm.pool) = (server, pool));
        });
        Ok(None)
    }
}

/// The server on which a machine starts: its own, else the first of its pool.
fn choose_server(estate: &Estate, id: &str) -> Result<String, CliError> {
    let vm = estate.get::<Vm>(id);
    if let Some(server) = vm.and_then(|vm| vm.server.clone()) {
        return Ok(server);
    }
    let pool = vm.and_then(|vm| vm.pool.as_deref()).unwrap_or_default();
    let mut servers = estate.of::<Server>(pool).filter(|(_, server)| !server.maintenance);
    let found = servers.next().map(|(object, _)| object.id.clone());
    found.ok_or_else(|| CliError::coded("OVMAPI_4071E", "No server of a pool can take the Vm."))
}

/// A server takes a machine when it has the machine's repository.
fn may_take(estate: &Estate, server: &str, vm: &str) -> Result<(), CliError> {
    let found = estate.get::<Server>(server);
    if found.is_some_and(|server| server.maintenance) {
        return Err(CliError::coded("OVMAPI_4073E", "The server is in maintenance mode."));
    }
    let repository = estate
        .get::<Vm>(vm)
        .map(|vm| vm.repository.as_str())
        .unwrap_or_default();
    let presented = estate.get::<Repository>(repository);
    match presented.is_some_and(|repository| repository.presented.iter().any(|known| known == server)) {
        true => Ok(()),
        false => Err(CliError::coded(
            "OVMAPI_4074E",
            &format!(
                "The repository {} is not presented to the server.",
                estate.name_of(repository)
            ),
        )),
    }
}
