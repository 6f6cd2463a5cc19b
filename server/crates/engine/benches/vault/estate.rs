//! The estate and the people of the benchmark.

use super::{DISK_GIB, MACHINE, PASSWORD};
use anyhow::{Context, Result, bail};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::enrolment::{NewManager, NewServerAccess};
use domain::ids::ManagerId;
use domain::policy::PolicyRules;
use domain::request::Vote;
use domain::services::{Backend, Changed};
use domain::subject::SubjectRef;
use lab::Lab;
use ovm::ids::ServerId;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use store::Store;

/// Gives the machine one disk of the wanted size instead of those it has; the path of its file on the servers.
pub async fn large_disk(lab: &Lab) -> Result<String> {
    let askpass = lab.description().dir.join("askpass");
    let password = lab.description().servers.first().map(|server| server.password.as_str());
    fs::write(
        &askpass,
        format!("#!/bin/sh\necho '{}'\n", password.unwrap_or_default()),
    )?;
    fs::set_permissions(&askpass, fs::Permissions::from_mode(0o700))?;
    let vm = lab.vm_id(MACHINE)?;
    let shown = lab.execute(&format!("show Vm id={vm}")).await;
    let mappings = shown
        .lines()
        .filter(|line| line.trim_start().starts_with("VmDiskMapping "));
    for id in mappings.filter_map(|line| line.split_once(" = ")?.1.split_whitespace().next()) {
        lab.execute(&format!("delete VmDiskMapping id={id}")).await;
    }
    let repository = lab
        .description()
        .repositories
        .first()
        .context("the lab has no repository")?;
    let create = "create VirtualDisk sparse=Yes shareable=No name=benchmark";
    let made = lab
        .execute(&format!("{create} size={DISK_GIB} on Repository id={}", repository.id))
        .await;
    let id = made.split("id:").nth(1).and_then(|rest| rest.split_whitespace().next());
    let id = id.with_context(|| format!("the lab made no disk: {made}"))?;
    let map = format!("create VmDiskMapping slot=0 virtualDisk={id} name=benchmark on Vm id={vm}");
    let mapped = lab.execute(&map).await;
    match mapped.contains("Status: Success") {
        true => Ok(format!("{}/VirtualDisks/{id}", repository.path)),
        false => bail!("the lab mapped no disk: {mapped}"),
    }
}

/// Somebody with every role.
pub async fn actor(store: &Store, backend: &Backend) -> Result<Actor> {
    engine::create_administrator(store, &engine::core::SystemClock, "admin", PASSWORD).await?;
    person(backend, "bench").await
}

/// Puts the machine under a policy of its own, for which a second person has to agree.
pub async fn protect(backend: &Backend, actor: &Actor, subject: &SubjectRef, rules: PolicyRules) -> Result<()> {
    let Changed::Now(policy) = backend.policies.save(actor, None, None, rules, "").await? else {
        bail!("the policy was not made");
    };
    let reason = "to see how long a restore takes";
    let assigned = backend.policies.assign(actor, subject, Some(policy), reason).await?;
    if let Changed::Requested(request) = assigned {
        let second = person(backend, "second").await?;
        let seen = backend.restores.get(&second, &request).await?.request.asked.hash();
        let restores = &backend.restores;
        restores.vote(&second, &request, &seen, Vote::Approve, "").await?;
    }
    Ok(())
}

async fn person(backend: &Backend, name: &str) -> Result<Actor> {
    let admin = backend.accounts.login("admin", PASSWORD, "127.0.0.1").await?.actor;
    let grants: Vec<Grant> = Role::ALL
        .iter()
        .map(|role| Grant {
            role: *role,
            scope: Scope::All,
        })
        .collect();
    let id = backend
        .accounts
        .create_user(&admin, name, PASSWORD, grants.clone())
        .await?;
    Ok(Actor {
        id,
        name: name.to_owned(),
        grants,
    })
}

/// Makes the lab known to Holdfast.
pub async fn enrol(lab: &Lab, backend: &Backend, actor: &Actor) -> Result<ManagerId> {
    let manager = lab.description().manager.clone();
    let new = NewManager {
        name: "lab".into(),
        host: manager.address,
        port: manager.port,
        user: manager.user,
        password: manager.password,
        fingerprint: manager.host_key_fingerprint,
        legacy_algorithms: false,
    };
    let id = backend.estate.enrol(actor, new).await?;
    for server in lab.description().servers.clone() {
        let access = NewServerAccess {
            manager: id.clone(),
            server: ServerId::new(server.id),
            host: server.address,
            port: server.port,
            user: server.user,
            password: server.password,
            fingerprint: server.host_key_fingerprint,
            legacy_algorithms: false,
        };
        backend.estate.set_server_access(actor, access).await?;
    }
    Ok(id)
}
