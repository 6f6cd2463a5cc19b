//! Furnishes the demo through the services, as people would. What is there already stays as it is.

use super::accounts::{ADMINISTRATOR, Account, POLICY_OWNER};
use crate::startup::Program;
use domain::actor::Actor;
use domain::enrolment::{NewManager, NewServerAccess};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, TargetId};
use domain::policy::{BackupMethod, PolicyRules, RestoreGate};
use domain::services::{Answer, Backend};
use engine::core::SystemClock;
use lab::{LabDescription, ManagerDescription, ServerDescription};
use ovm::ids::ServerId;

/// Accounts, the estate with its servers, two policies.
pub async fn furnish(program: &Program, accounts: &[Account], lab: &LabDescription) -> Answer<()> {
    let backend = program.backend();
    let administrator = make_accounts(program, &backend, accounts).await?;
    let manager = backend.estate.enrol(&administrator, manager(&lab.manager)).await?;
    for server in &lab.servers {
        backend
            .estate
            .set_server_access(&administrator, access(&manager, server))
            .await?;
    }
    backend.estate.refresh(&administrator, &manager).await?;
    let owner = log_in(&backend, accounts, POLICY_OWNER).await?;
    make_policies(&backend, &owner).await
}

async fn make_accounts(program: &Program, backend: &Backend, accounts: &[Account]) -> Answer<Actor> {
    let first = password(accounts, ADMINISTRATOR)?;
    let administrator = match log_in(backend, accounts, ADMINISTRATOR).await {
        Ok(administrator) => administrator,
        Err(_) => {
            engine::create_administrator(program.store(), &SystemClock, ADMINISTRATOR, first).await?;
            log_in(backend, accounts, ADMINISTRATOR).await?
        }
    };
    let known = backend.accounts.users(&administrator).await?;
    for account in accounts
        .iter()
        .filter(|account| known.iter().all(|user| user.name != account.name))
    {
        let (name, password) = (&account.name, &account.password);
        backend
            .accounts
            .create_user(&administrator, name, password, account.grants())
            .await?;
    }
    Ok(administrator)
}

async fn log_in(backend: &Backend, accounts: &[Account], name: &str) -> Answer<Actor> {
    let login = backend.accounts.login(name, password(accounts, name)?, "demo").await?;
    Ok(login.actor)
}

fn password<'a>(accounts: &'a [Account], name: &str) -> Answer<&'a str> {
    let account = accounts.iter().find(|account| account.name == name);
    account
        .map(|account| account.password.as_str())
        .ok_or_else(|| ServiceError::not_found(Thing::Account, name))
}

fn manager(lab: &ManagerDescription) -> NewManager {
    NewManager {
        name: "Demo Manager".into(),
        host: lab.address.clone(),
        port: lab.port,
        user: lab.user.clone(),
        password: lab.password.clone(),
        fingerprint: lab.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    }
}

fn access(manager: &ManagerId, lab: &ServerDescription) -> NewServerAccess {
    NewServerAccess {
        manager: manager.clone(),
        server: ServerId::new(&lab.id),
        host: lab.address.clone(),
        port: lab.port,
        user: lab.user.clone(),
        password: lab.password.clone(),
        fingerprint: lab.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    }
}

async fn make_policies(backend: &Backend, owner: &Actor) -> Answer<()> {
    let known = backend.policies.list(owner).await?;
    for rules in policies() {
        if known.iter().all(|view| view.policy.rules.name != rules.name) {
            backend.policies.save(owner, None, None, rules, "").await?;
        }
    }
    Ok(())
}

/// One whose restores need a second person, and one whose restores need nobody.
fn policies() -> [PolicyRules; 2] {
    let production = PolicyRules {
        name: "Production".into(),
        method: BackupMethod::ManagerClone,
        patience_secs: 120,
        may_kill: true,
        free_space_floor_percent: 5,
        restore_gate: RestoreGate::Approval { approvers: 1 },
        commit_within_hours: 24,
        target: TargetId::first(),
    };
    let test = PolicyRules {
        name: "Test".into(),
        method: BackupMethod::Reflink,
        restore_gate: RestoreGate::Free,
        ..production.clone()
    };
    [production, test]
}
