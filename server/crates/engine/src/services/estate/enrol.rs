//! Enrolment: a host is stored only after it has shown the key that the administrator has read on it, and has let us in.

use crate::core::{Core, from_store, internal, new_id};
use crate::estate::{ReachError, target};
use crate::services::access::commit;
use domain::actor::Actor;
use domain::error::ServiceError;
use domain::ids::ManagerId;
use domain::services::{Answer, NewManager, NewServerAccess};
use ovm::shell::Shell;
use ssh::ovmcli::ManagerSession;
use ssh::{HostKeyFingerprint, Profile, Session, SshError, Target};
use store::{ManagerRow, ServerAccessRow};

/// The host key that a host shows. Old algorithms are offered too: nothing secret is sent, and a person compares.
pub(super) async fn probe(host: &str, port: u16) -> Answer<String> {
    check_host(host, port)?;
    let shown = ssh::probe_host_key(host.trim(), port, true).await.map_err(refused)?;
    Ok(shown.to_string())
}

/// Enrols a Manager, or an enrolled one of the same name anew: that is how a changed host key is settled.
pub(super) async fn manager(core: &Core, actor: &Actor, new: NewManager) -> Answer<ManagerId> {
    let name = checked_name(&new.name)?;
    let fingerprint = checked_fingerprint(&new.fingerprint)?;
    check_host(&new.host, new.port)?;
    let (host, user) = (new.host.trim(), checked_user(&new.user)?);
    let target = target(
        host,
        new.port,
        user,
        &fingerprint,
        new.password.clone(),
        new.legacy_algorithms,
    )?;
    ManagerSession::connect(target).await.map_err(refused)?;

    let known = core
        .store
        .managers()
        .await
        .map_err(from_store)?
        .into_iter()
        .find(|known| known.name == name);
    let row = ManagerRow {
        id: known
            .as_ref()
            .map_or_else(|| ManagerId::new(new_id(8)), |known| known.id.clone()),
        name,
        host: host.to_owned(),
        port: new.port,
        user: user.to_owned(),
        sealed_password: core.seal_key.seal(&new.password).map_err(internal)?,
        fingerprint,
        changed_fingerprint: None,
        legacy_algorithms: new.legacy_algorithms,
        problem: None,
    };
    let was = known.map(|known| format!("{}:{} with host key {}", known.host, known.port, known.fingerprint));
    let is = format!("{}:{} with host key {}", row.host, row.port, row.fingerprint);
    let detail = change(was, &is);
    let event = core.event(
        &actor.name,
        "manager.enrolled.v1",
        format!("manager {}", row.id),
        detail,
    );
    let stored = async {
        let tx = core.store.begin().await?;
        tx.put_manager(&row).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)?;
    Ok(row.id)
}

/// Makes a server reachable, or anew: that is how its changed host key is settled.
pub(super) async fn server(core: &Core, actor: &Actor, new: NewServerAccess, name: &str) -> Answer<()> {
    let fingerprint = checked_fingerprint(&new.fingerprint)?;
    check_host(&new.host, new.port)?;
    let (host, user) = (new.host.trim(), checked_user(&new.user)?);
    try_server(&target(
        host,
        new.port,
        user,
        &fingerprint,
        new.password.clone(),
        false,
    )?)
    .await?;

    let known = core.store.server_accesses(&new.manager).await.map_err(from_store)?;
    let known = known.into_iter().find(|known| known.server == new.server);
    let row = ServerAccessRow {
        manager: new.manager,
        server: new.server,
        name: name.to_owned(),
        host: host.to_owned(),
        port: new.port,
        user: user.to_owned(),
        sealed_password: core.seal_key.seal(&new.password).map_err(internal)?,
        fingerprint,
        changed_fingerprint: None,
    };
    let was = known.map(|known| format!("{}:{} with host key {}", known.host, known.port, known.fingerprint));
    let is = format!("{}:{} with host key {}", row.host, row.port, row.fingerprint);
    let event = core.event(
        &actor.name,
        "server.enrolled.v1",
        format!("server {}", row.server),
        change(was, &is),
    );
    let stored = async {
        let tx = core.store.begin().await?;
        tx.put_server_access(&row).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)
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
        format!(
            "{} lets {} log in, but not run commands: {}",
            target.address(),
            target.user,
            text(&output.stderr)
        ),
    ))
}

/// An error while enrolling, at the field that has to be put right.
fn refused(error: SshError) -> ServiceError {
    match error {
        SshError::HostKeyChanged { host, seen, .. } => ServiceError::invalid(
            "fingerprint",
            format!("{host} shows the host key {seen}. Nothing was sent. Compare it with what the host itself says."),
        ),
        SshError::AuthenticationFailed { host, user } => ServiceError::invalid(
            "password",
            format!("{host} refused the login of {user} with this password."),
        ),
        other => ServiceError::Estate {
            what: sentence(&other.to_string()),
            remedy: "Nothing was stored. Check host, port and network, then try again.".into(),
        },
    }
}

fn checked_name(name: &str) -> Answer<String> {
    let name = name.trim();
    if (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(ServiceError::invalid(
        "name",
        "The name needs 1 to 60 visible characters.",
    ))
}

fn check_host(host: &str, port: u16) -> Answer<()> {
    let host = host.trim();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
    if host.is_empty() || host.len() > 253 || !host.chars().all(allowed) {
        return Err(ServiceError::invalid(
            "host",
            "Give a host name or an address, without port and user.",
        ));
    }
    if port == 0 {
        return Err(ServiceError::invalid("port", "Give a port from 1 to 65535."));
    }
    Ok(())
}

fn checked_user(user: &str) -> Answer<&str> {
    let user = user.trim();
    if user.is_empty() || user.len() > 64 || user.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ServiceError::invalid("user", "Give the account in one word."));
    }
    Ok(user)
}

fn checked_fingerprint(fingerprint: &str) -> Answer<String> {
    let parsed: Result<HostKeyFingerprint, _> = fingerprint.parse();
    match parsed {
        Ok(fingerprint) => Ok(fingerprint.to_string()),
        Err(error) => Err(ServiceError::invalid("fingerprint", sentence(&error.to_string()))),
    }
}

/// `Was: ... Is: ...`, or only what is.
fn change(was: Option<String>, is: &str) -> String {
    match was {
        Some(was) => format!("Was: {was}. Is: {is}."),
        None => format!("Is: {is}."),
    }
}

/// The error texts of the SSH crate begin small and end without a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let sentence: String = first.chain(chars).collect();
    if sentence.ends_with('.') {
        sentence
    } else {
        format!("{sentence}.")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
