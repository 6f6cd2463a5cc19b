//! Enrolment and discovery against the lab: host keys, passwords, what is stored of them.

use crate::house::{House, of_all};
use domain::actor::{Actor, Role};
use domain::enrolment::{HostKey, NewManager, NewServerAccess};
use domain::error::{ServiceError, Thing};
use domain::ids::ManagerId;
use domain::say::{Language, Say};
use domain::services::EstateService;
use lab::{Lab, LabOptions, ManagerDescription, Mode};
use ovm::ids::ServerId;
use ovm::ovmcli::Status;
use std::process::Command as Process;
use std::sync::Arc;
use tempfile::TempDir;

const ANOTHER_KEY: &str = "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM";

/// A lab with the usual estate.
pub async fn lab(dir: &TempDir) -> Arc<Lab> {
    let options = LabOptions {
        mode: Mode::Auto { speed: 200.0 },
        ..LabOptions::new(dir.path())
    };
    Lab::start(options).await.unwrap()
}

/// The form that enrols a Manager of the lab.
pub fn new_manager(manager: &ManagerDescription) -> NewManager {
    NewManager {
        name: "Lab".into(),
        host: manager.address.clone(),
        port: manager.port,
        user: manager.user.clone(),
        password: manager.password.clone(),
        fingerprint: manager.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    }
}

fn first_server(lab: &Lab, manager: &ManagerId) -> NewServerAccess {
    let server = &lab.description().servers[0];
    NewServerAccess {
        manager: manager.clone(),
        server: ServerId::new(server.id.clone()),
        host: server.address.clone(),
        port: server.port,
        user: server.user.clone(),
        password: server.password.clone(),
        fingerprint: server.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    }
}

fn field<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> (String, String) {
    match answer {
        Err(ServiceError::Invalid { field, why }) => (field, why.say(Language::En)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_enrolled_with_the_right_key_and_password_and_discovered_at_once() {
    let (house, dir) = (House::empty().await, TempDir::new().unwrap());
    let lab = lab(&dir).await;
    let (estates, admin) = (&house.backend.estate, of_all(Role::Administrator));
    let shown = estates
        .probe_host_key(
            &admin,
            &new_manager(&lab.description().manager).host,
            new_manager(&lab.description().manager).port,
        )
        .await
        .unwrap();
    assert_eq!(shown.fingerprint, new_manager(&lab.description().manager).fingerprint);
    refused_with_wrong_key_or_password(&**estates, &admin, &lab).await;
    assert!(estates.managers(&admin).await.unwrap().is_empty(), "nothing was stored");

    let as_read = NewManager {
        fingerprint: printed(&shown.read_on_manager(lab.description().manager.port)),
        ..new_manager(&lab.description().manager)
    };
    let id = estates.enrol(&admin, as_read).await.unwrap();
    let view = estates.managers(&admin).await.unwrap().remove(0);
    assert_eq!((view.id.clone(), view.problem), (id.clone(), None));
    assert_eq!(view.fingerprint, shown.fingerprint, "stored as OpenSSH writes it");
    let seen = estates.estate(&admin, &id).await.unwrap();
    assert!(
        !seen.estate.vms.is_empty() && seen.estate.problems.is_empty(),
        "{:?}",
        seen.estate.problems
    );
    assert!(estates.refresh(&admin, &id).await.unwrap() > seen.revision);
    let row = house.store.manager(&id).await.unwrap().unwrap();
    assert!(
        !row.sealed_password
            .contains(&new_manager(&lab.description().manager).password)
    );
    changed_key_is_settled_by_enrolling_anew(&house, &admin, &lab, &id).await;
    server_is_reached_with_the_right_key_and_password(&house, &admin, &lab, &id).await;

    lab.stop().await;
    let failed = estates.refresh(&admin, &id).await.unwrap_err();
    assert!(matches!(failed, ServiceError::Estate { .. }), "{failed:?}");
    assert!(estates.managers(&admin).await.unwrap()[0].problem.is_some());
    assert!(
        estates.estate(&admin, &id).await.is_ok(),
        "the last revision is still shown"
    );
}

async fn refused_with_wrong_key_or_password(estates: &dyn EstateService, admin: &Actor, lab: &Lab) {
    let new = NewManager {
        fingerprint: ANOTHER_KEY.into(),
        ..new_manager(&lab.description().manager)
    };
    let (at, reason) = field(estates.enrol(admin, new).await);
    assert_eq!(at, "fingerprint");
    assert!(
        reason.contains(&new_manager(&lab.description().manager).fingerprint),
        "the key that was seen: {reason}"
    );
    let new = NewManager {
        fingerprint: "no fingerprint".into(),
        ..new_manager(&lab.description().manager)
    };
    assert_eq!(field(estates.enrol(admin, new).await).0, "fingerprint");
    let new = NewManager {
        password: "wrong".into(),
        ..new_manager(&lab.description().manager)
    };
    assert_eq!(field(estates.enrol(admin, new).await).0, "password");
    let new = NewManager {
        host: "admin@host:22/x".into(),
        ..new_manager(&lab.description().manager)
    };
    assert_eq!(field(estates.enrol(admin, new).await).0, "host");
}

async fn changed_key_is_settled_by_enrolling_anew(house: &House, admin: &Actor, lab: &Lab, id: &ManagerId) {
    let estates = &house.backend.estate;
    let tx = house.store.begin().await.unwrap();
    tx.set_manager_changed_fingerprint(id, Some(ANOTHER_KEY)).await.unwrap();
    tx.commit().await.unwrap();
    let stopped = estates.refresh(admin, id).await.unwrap_err();
    assert!(
        stopped.code() == "estate.key-stopped" && stopped.to_string().contains(ANOTHER_KEY),
        "{stopped:?}"
    );
    assert_eq!(
        estates
            .enrol(admin, new_manager(&lab.description().manager))
            .await
            .as_ref(),
        Ok(id),
        "the same Manager"
    );
    let view = estates.managers(admin).await.unwrap().remove(0);
    assert_eq!((view.changed_fingerprint, view.problem), (None, None));
    let rows = house.trail("manager.enrolled.v1").await;
    assert_eq!(rows.len(), 2);
    let detail = rows[1].event.detail.say(Language::En);
    assert!(detail.starts_with("Was: "), "{detail}");
}

async fn server_is_reached_with_the_right_key_and_password(house: &House, admin: &Actor, lab: &Lab, id: &ManagerId) {
    let estates = &house.backend.estate;
    let unknown = NewServerAccess {
        server: ServerId::new("none"),
        ..first_server(lab, id)
    };
    assert_eq!(
        estates.set_server_access(admin, unknown).await,
        Err(ServiceError::not_found(Thing::Server, "none"))
    );
    let wrong = NewServerAccess {
        fingerprint: ANOTHER_KEY.into(),
        ..first_server(lab, id)
    };
    assert_eq!(field(estates.set_server_access(admin, wrong).await).0, "fingerprint");
    let wrong = NewServerAccess {
        password: "wrong".into(),
        ..first_server(lab, id)
    };
    assert_eq!(field(estates.set_server_access(admin, wrong).await).0, "password");
    assert!(
        estates.servers(admin, id).await.unwrap().is_empty(),
        "nothing was stored"
    );
    estates.set_server_access(admin, first_server(lab, id)).await.unwrap();
    let servers = estates.servers(admin, id).await.unwrap();
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0].name, lab.description().servers[0].name);
    assert_eq!(house.trail("server.enrolled.v1").await.len(), 1);
}

/// What a command prints in a shell.
fn printed(command: &str) -> String {
    let output = Process::new("sh").args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_for_a_server_prints_the_fingerprint_of_openssh() {
    for (kind, algorithm) in [("rsa", "ssh-rsa"), ("dsa", "ssh-dss"), ("ed25519", "ssh-ed25519")] {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().display();
        printed(&format!(
            "ssh-keygen -q -t {kind} -N '' -f {folder}/ssh_host_{kind}_key"
        ));
        let line = printed(&format!("ssh-keygen -l -f {folder}/ssh_host_{kind}_key.pub"));
        let shown = HostKey {
            algorithm: algorithm.into(),
            fingerprint: line.split(' ').nth(1).unwrap().into(),
        };
        let command = shown.read_on_server().replace("/etc/ssh", &folder.to_string());
        let read: ssh::HostKeyFingerprint = printed(&command).parse().unwrap();
        assert_eq!(read.to_string(), shown.fingerprint, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_answers_and_refusals_as_they_came_and_leaves_a_trace() {
    let (house, dir) = (House::empty().await, TempDir::new().unwrap());
    let lab = lab(&dir).await;
    let (estates, admin) = (&house.backend.estate, of_all(Role::Administrator));
    let id = estates
        .enrol(&admin, new_manager(&lab.description().manager))
        .await
        .unwrap();
    let answer = estates.ask(&admin, &id, "OVM> list   Vm").await.unwrap();
    assert_eq!((answer.line.as_str(), answer.status), ("list Vm", Status::Success));
    assert!(answer.text.contains("name:db01"), "{}", answer.text);
    let refused = estates.ask(&admin, &id, "show Vm id=none").await.unwrap();
    assert_eq!(refused.status, Status::Failure, "{}", refused.text);
    let plain = estates.ask(&admin, &id, "help").await.unwrap();
    assert_eq!(plain.status, Status::Unknown, "{}", plain.text);
    assert!(plain.text.contains("showversion"));
    let before = house.trail("console.asked.v1").await;
    let asked: Vec<String> = before.iter().map(|row| row.event.detail.say(Language::En)).collect();
    assert_eq!(asked, ["list Vm", "show Vm id=none", "help"]);
    assert_eq!(field(estates.ask(&admin, &id, "kill Vm name=db01").await).0, "line");
    assert_eq!(
        house.trail("console.asked.v1").await.len(),
        3,
        "what is refused is not sent"
    );
}
