//! The package against the disaster that it is for: with no Holdfast running, by stock tools and the commands that it
//! prints.

use domain::enrolment::NewManager;
use domain::handbook::Handbook;
use domain::policy::{BackupMethod, RestoreGate};
use lab::rehearsal::{self, RehearsalManager};
use lab::{Dialect, Hardware, ManagerDescription};
use ovm::estate::Estate;
use ovm::ovmcli::answer::{Item, parse_answers};
use ovm::script::Scope;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use world::{TARGET_PASSWORD, World};
use zip::ZipArchive;

const MACHINE: &str = "erp-app01";

/// A protected estate, and the package of it, unpacked in a folder. Holdfast does not run any more.
async fn disaster() -> (World, Handbook, tempfile::TempDir) {
    let mut world = World::start().await;
    world.protect(MACHINE, BackupMethod::Reflink, RestoreGate::Free).await;
    world.back_up(MACHINE).await;
    let reader = &world.people.operator;
    let handbooks = &world.backend.handbooks;
    let handbook = handbooks
        .handbook(reader, &world.manager, &Scope::Estate)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let package = super::zip(&handbook).unwrap();
    ZipArchive::new(Cursor::new(package))
        .unwrap()
        .extract(folder.path())
        .unwrap();
    world.stop_engine().await;
    (world, handbook, folder)
}

/// Runs lines as a person does who copies them into a shell.
fn shell(folder: &Path, lines: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", lines]).current_dir(folder);
    let output = shell
        .env("RESTIC_PASSWORD", TARGET_PASSWORD)
        .env("RESTIC_CACHE_DIR", folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{lines}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The block of commands below a heading of a machine's chapter, as a browser shows it.
fn printed(document: &str, machine: &str, heading: &str) -> String {
    let (_, chapter) = document.split_once(&format!("<h2>{machine}</h2>")).unwrap();
    let (_, below) = chapter.split_once(heading).unwrap();
    let (_, code) = below.split_once("<code>").unwrap();
    let (code, _) = code.split_once("</code>").unwrap();
    code.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_brings_the_disks_back_by_the_printed_commands() {
    let (world, _, folder) = disaster().await;
    shell(folder.path(), "sha256sum --check --strict SHA256SUMS");
    let document = fs::read_to_string(folder.path().join("handbook.html")).unwrap();
    shell(folder.path(), &printed(&document, MACHINE, "as image files"));
    let restored = [0, 1].map(|slot| {
        let image = fs::read(folder.path().join(format!("slot-{slot}.img"))).unwrap();
        hex::encode(Sha256::digest(image))
    });
    assert_eq!(restored.to_vec(), world.hashes(MACHINE, &[0, 1]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handbook_names_everything_and_holds_no_secret() {
    let (world, handbook, folder) = disaster().await;
    let document = fs::read_to_string(folder.path().join("handbook.html")).unwrap();
    for vm in &handbook.estate.vms {
        assert!(document.contains(vm.id.as_str()), "{}", vm.name);
    }
    for wwid in handbook
        .estate
        .physical_disks
        .iter()
        .filter_map(|disk| disk.wwid.as_ref())
    {
        assert!(document.contains(wwid), "{wwid}");
    }
    let described = world.lab.description();
    let servers = described.servers.iter().map(|server| server.password.as_str());
    for secret in servers.chain([described.manager.password.as_str(), TARGET_PASSWORD]) {
        assert!(!document.contains(secret), "the document holds a password");
    }
    assert_eq!(
        handbook
            .chapters
            .iter()
            .filter(|chapter| chapter.newest.is_some())
            .count(),
        1
    );
    let external = ["src=\"http", "href=\"http", "@import", "url("];
    assert!(
        external.iter().all(|outside| !document.contains(outside)),
        "the document needs the network"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packed_script_rebuilds_the_estate_by_the_packed_program() {
    let (mut world, handbook, folder) = disaster().await;
    let hardware = Hardware::from(&handbook.estate);
    let empty = Arc::new(rehearsal::start(hardware, Dialect::V34).await.unwrap());
    let script = folder.path().join("scripts/estate.ovmcli");
    let mut first = Some(1);
    while let Some(line) = first {
        let (folder, manager) = (folder.path().to_owned(), empty.description().clone());
        let sent = tokio::task::spawn_blocking(move || send(&folder, &manager, line));
        first = sent.await.unwrap();
        if let Some(line) = first {
            fill_in(&script, line, &empty).await;
        }
    }
    world.restart(None).await;
    let rebuilt = discovered(&world, empty.description()).await;
    let differences = ovm::estate::compare(&handbook.estate, &rebuilt);
    assert!(differences.is_empty(), "{differences:#?}");
    world.stop().await;
}

/// Sends the script from a line on; gives the line that needs a value, if it stopped at one.
fn send(folder: &Path, manager: &ManagerDescription, first: usize) -> Option<usize> {
    let askpass = folder.join("askpass");
    fs::write(&askpass, format!("#!/bin/sh\necho '{}'\n", manager.password)).unwrap();
    fs::set_permissions(&askpass, fs::Permissions::from_mode(0o700)).unwrap();
    let ssh = "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
    let login = format!("{}@{}", manager.user, manager.address);
    let output = Command::new("sh")
        .args(["send.sh", &login, &manager.port.to_string()])
        .args(["scripts/estate.ovmcli", &first.to_string()])
        .env("SEND_WITH", ssh)
        .env("SSH_ASKPASS", askpass)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .current_dir(folder)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => None,
        Some(3) => Some(words.trim().rsplit(' ').next().unwrap().parse().unwrap()),
        _ => panic!("{words}\n{}", String::from_utf8_lossy(&output.stdout)),
    }
}

/// Puts values in the place of the words in braces of a line, as a person does who looks them up.
async fn fill_in(script: &Path, number: usize, manager: &RehearsalManager) {
    let text = fs::read_to_string(script).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = &mut lines[number - 1];
    while let Some(word) = line.split_once("${").and_then(|(_, rest)| rest.split_once('}')) {
        let word = word.0.to_owned();
        let value = if let Some(wwid) = word.strip_prefix("NAME_OF_LUN_") {
            that_shows(manager, "PhysicalDisk", wwid).await.name
        } else if let Some(wwid) = word.strip_prefix("NAME_OF_FILE_SYSTEM_ON_LUN_") {
            let lun = that_shows(manager, "PhysicalDisk", wwid).await;
            that_shows(manager, "FileSystem", &lun.id).await.name
        } else {
            "secret".to_owned()
        };
        *line = line.replace(&format!("${{{word}}}"), &value);
    }
    fs::write(script, lines.join("\n") + "\n").unwrap();
}

/// The object of the new Manager that shows this value.
async fn that_shows(manager: &RehearsalManager, object_type: &str, value: &str) -> Item {
    let listed = manager.execute(&format!("list {object_type}")).await;
    for item in parse_answers(listed.as_bytes()).remove(0).items {
        let shown = manager.execute(&format!("show {object_type} id={}", item.id)).await;
        if shown.contains(&format!("= {value}")) {
            return item;
        }
    }
    panic!("the new Manager has no {object_type} that shows {value}");
}

/// The estate of a Manager that is enrolled for this.
async fn discovered(world: &World, manager: &ManagerDescription) -> Arc<Estate> {
    let new = NewManager {
        name: "rebuilt".into(),
        host: manager.address.clone(),
        port: manager.port,
        user: manager.user.clone(),
        password: manager.password.clone(),
        fingerprint: manager.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    };
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    let id = estates.enrol(admin, new).await.unwrap();
    estates.estate(admin, &id).await.unwrap().estate
}
