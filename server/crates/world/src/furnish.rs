//! What a world is furnished with: people who may do things, and hosts that are enrolled.

use crate::world::PASSWORD;
use domain::actor::{Actor, Grant, Role, Scope};
use domain::enrolment::{NewManager, NewServerAccess};
use domain::ids::{ManagerId, UserId};
use domain::services::Backend;
use lab::{Lab, ManagerDescription, ServerDescription};
use ovm::ids::ServerId;
use store::Store;

/// Who may do what.
#[derive(Clone)]
pub struct People {
    /// Administrator.
    pub admin: Actor,
    /// Backs up, restores, owns policies.
    pub operator: Actor,
    /// Approves.
    pub approver: Actor,
}

/// Those who may do things.
pub async fn people(store: &Store, backend: &Backend) -> People {
    engine::create_administrator(store, &engine::core::SystemClock, "admin", PASSWORD)
        .await
        .unwrap();
    let admin = backend
        .accounts
        .login("admin", PASSWORD, "127.0.0.1")
        .await
        .unwrap()
        .actor;
    let operator = [Role::BackupOperator, Role::RestoreOperator, Role::PolicyOwner];
    let operator = person(backend, &admin, "olga", &operator).await;
    let approver = person(backend, &admin, "anna", &[Role::Approver]).await;
    People {
        admin,
        operator,
        approver,
    }
}

/// Makes an account with these roles for everything.
pub async fn person(backend: &Backend, admin: &Actor, name: &str, roles: &[Role]) -> Actor {
    let grants: Vec<Grant> = roles
        .iter()
        .map(|role| Grant {
            role: *role,
            scope: Scope::All,
        })
        .collect();
    let id: UserId = backend
        .accounts
        .create_user(admin, name, PASSWORD, grants.clone())
        .await
        .unwrap();
    Actor {
        id,
        name: name.to_owned(),
        grants,
    }
}

/// The form that enrols a Manager of the lab.
pub fn new_manager(name: &str, manager: &ManagerDescription, legacy_algorithms: bool) -> NewManager {
    NewManager {
        name: name.into(),
        host: manager.address.clone(),
        port: manager.port,
        user: manager.user.clone(),
        password: manager.password.clone(),
        fingerprint: manager.host_key_fingerprint.clone(),
        legacy_algorithms,
    }
}

/// The form that gives access to a server of the lab.
pub fn server_access(manager: &ManagerId, server: &ServerDescription, legacy_algorithms: bool) -> NewServerAccess {
    NewServerAccess {
        manager: manager.clone(),
        server: ServerId::new(server.id.clone()),
        host: server.address.clone(),
        port: server.port,
        user: server.user.clone(),
        password: server.password.clone(),
        fingerprint: server.host_key_fingerprint.clone(),
        legacy_algorithms,
    }
}

/// Enrols the Manager and so many of its servers.
pub async fn enrol(
    lab: &Lab,
    servers: usize,
    backend: &Backend,
    admin: &Actor,
    name: &str,
    legacy_algorithms: bool,
) -> ManagerId {
    let described = lab.description();
    let new = new_manager(name, &described.manager, legacy_algorithms);
    let id = backend.estate.enrol(admin, new).await.unwrap();
    let managers = backend.estate.managers(admin).await.unwrap();
    let problem = managers.into_iter().find(|view| view.id == id).unwrap().problem;
    assert_eq!(problem, None, "the discovery has failed");
    for server in described.servers.iter().take(servers) {
        let access = server_access(&id, server, legacy_algorithms);
        backend.estate.set_server_access(admin, access).await.unwrap();
    }
    id
}
