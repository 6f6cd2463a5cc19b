//! Enrolment: a host is stored only after it has shown the key that the administrator has read on it, and has let us in.

use crate::core::faults::of_ssh;
use crate::core::{Core, from_store, internal, new_id};
use crate::estate::{ReachError, target};
use crate::services::access::{checked_title, commit};
use domain::actor::Actor;
use domain::audit::{AuditSubject, Detail, Enrolled, HostPlace};
use domain::enrolment::{HostKey, NewManager, NewServerAccess};
use domain::error::{Errand, HostFlaw, ServiceError};
use domain::ids::ManagerId;
use domain::services::Answer;
use domain::subject::{Object, SubjectRef};
use ovm::shell::Shell;
use ssh::ovmcli::ManagerSession;
use ssh::{HostKeyFingerprint, Profile, Session, SshError, Target};
use std::str::FromStr;
use store::{ManagerRow, ServerAccessRow};

/// The host key that a host shows. Old algorithms are offered too: nothing secret is sent, and a person compares.
pub(super) async fn probe(host: &str, port: u16) -> Answer<HostKey> {
    check_host(host, port)?;
    let shown = ssh::probe_host_key(host.trim(), port, true).await.map_err(refused)?;
    Ok(HostKey {
        algorithm: shown.algorithm,
        fingerprint: shown.fingerprint.to_string(),
    })
}

/// Enrols a Manager, or an enrolled one of the same name anew: that is how a changed host key is settled.
pub(super) async fn manager(core: &Core, actor: &Actor, new: NewManager) -> Answer<ManagerId> {
    let name = checked_title(&new.name)?;
    let host = Host::checked(&new.host, new.port, &new.user, &new.password, &new.fingerprint)?;
    let target = host.target(new.legacy_algorithms)?;
    ManagerSession::connect(target).await.map_err(refused)?;

    let known = core.store.managers().await.map_err(from_store)?;
    let known = known.into_iter().find(|known| known.name == name);
    let was = known
        .as_ref()
        .map(|known| place(&known.host, known.port, &known.fingerprint));
    let row = ManagerRow {
        id: known.map_or_else(|| ManagerId::new(new_id(8)), |known| known.id),
        name,
        host: host.name.to_owned(),
        port: host.port,
        user: host.user.to_owned(),
        sealed_password: core.seal_key.seal(host.password).map_err(internal)?,
        fingerprint: host.fingerprint.to_string(),
        changed_fingerprint: None,
        legacy_algorithms: new.legacy_algorithms,
        problem: None,
    };
    let detail = Detail::ManagerEnrolled(host.change(was));
    let event = core.event(&actor.name, AuditSubject::Manager(row.id.clone()), detail);
    let stored = async {
        let tx = core.store.begin().await?;
        tx.put_manager(&row).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)?;
    Ok(row.id)
}

fn server_subject(new: &NewServerAccess) -> AuditSubject {
    AuditSubject::Object(SubjectRef {
        manager: new.manager.clone(),
        object: Object::Server(new.server.clone()),
    })
}

/// Makes a server reachable, or anew: that is how its changed host key is settled.
pub(super) async fn server(core: &Core, actor: &Actor, new: NewServerAccess, name: &str) -> Answer<()> {
    let host = Host::checked(&new.host, new.port, &new.user, &new.password, &new.fingerprint)?;
    try_server(&host.target(new.legacy_algorithms)?).await?;

    let known = core.store.server_accesses(&new.manager).await.map_err(from_store)?;
    let known = known.into_iter().find(|known| known.server == new.server);
    let was = known.map(|known| place(&known.host, known.port, &known.fingerprint));
    let detail = Detail::ServerEnrolled(host.change(was));
    let event = core.event(&actor.name, server_subject(&new), detail);
    let row = ServerAccessRow {
        manager: new.manager,
        server: new.server,
        name: name.to_owned(),
        host: host.name.to_owned(),
        port: host.port,
        user: host.user.to_owned(),
        sealed_password: core.seal_key.seal(host.password).map_err(internal)?,
        fingerprint: host.fingerprint.to_string(),
        changed_fingerprint: None,
        legacy_algorithms: new.legacy_algorithms,
    };
    let stored = async {
        let tx = core.store.begin().await?;
        tx.put_server_access(&row).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)
}

/// A host as somebody has entered it, with every field checked.
struct Host<'a> {
    name: &'a str,
    port: u16,
    user: &'a str,
    password: &'a str,
    fingerprint: HostKeyFingerprint,
}

impl<'a> Host<'a> {
    fn checked(name: &'a str, port: u16, user: &'a str, password: &'a str, fingerprint: &str) -> Answer<Self> {
        check_host(name, port)?;
        let user = user.trim();
        if user.is_empty() || user.len() > 64 || user.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(ServiceError::invalid("user", HostFlaw::HostAccount));
        }
        let fingerprint = HostKeyFingerprint::from_str(fingerprint).map_err(|error| {
            let detail = error.to_string();
            ServiceError::invalid("fingerprint", HostFlaw::Fingerprint { detail })
        })?;
        Ok(Self {
            name: name.trim(),
            port,
            user,
            password,
            fingerprint,
        })
    }

    fn target(&self, legacy_algorithms: bool) -> Answer<Target> {
        let (fingerprint, password) = (self.fingerprint.to_string(), self.password.to_owned());
        Ok(target(
            self.name,
            self.port,
            self.user,
            &fingerprint,
            password,
            legacy_algorithms,
        )?)
    }

    /// For the audit trail.
    fn change(&self, was: Option<HostPlace>) -> Enrolled {
        let is = place(self.name, self.port, &self.fingerprint.to_string());
        Enrolled { was, is }
    }
}

fn place(host: &str, port: u16, fingerprint: &str) -> HostPlace {
    HostPlace {
        host: host.to_owned(),
        port,
        fingerprint: fingerprint.to_owned(),
    }
}

/// Logs in and runs a command that does nothing: some accounts may log in, but run nothing.
async fn try_server(target: &Target) -> Answer<()> {
    let session = Session::connect(target, Profile::Control).await.map_err(refused)?;
    let nothing = Shell::one(["true"]).render().map_err(ReachError::from)?;
    let output = session.exec(&nothing, 64 * 1024).await.map_err(refused)?;
    if output.success() {
        return Ok(());
    }
    Err(ServiceError::invalid(
        "user",
        HostFlaw::NoCommands {
            host: target.address(),
            user: target.user.clone(),
            printed: text(&output.stderr),
        },
    ))
}

/// An error while enrolling, at the field that has to be put right.
fn refused(error: SshError) -> ServiceError {
    match error {
        SshError::NoCommonAlgorithm {
            legacy_offered: false, ..
        } => ServiceError::invalid("legacy_algorithms", HostFlaw::OldAlgorithms(Box::new(of_ssh(&error)))),
        SshError::HostKeyChanged { host, seen, .. } => {
            let seen = seen.to_string();
            ServiceError::invalid("fingerprint", HostFlaw::OtherHostKey { host, seen })
        }
        SshError::AuthenticationFailed { host, user } => {
            ServiceError::invalid("password", HostFlaw::HostLogin { host, user })
        }
        other => ServiceError::estate(of_ssh(&other), Errand::Enrolling),
    }
}

fn check_host(host: &str, port: u16) -> Answer<()> {
    let host = host.trim();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
    if host.is_empty() || host.len() > 253 || !host.chars().all(allowed) {
        return Err(ServiceError::invalid("host", HostFlaw::HostName));
    }
    if port == 0 {
        return Err(ServiceError::invalid("port", HostFlaw::PortOutOfRange));
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
