//! The package against the disaster that it is for: with no Holdfast running, by stock tools and the commands that it
//! prints.

use crate::world::{TARGET_PASSWORD, World};
use domain::handbook::Handbook;
use domain::policy::{BackupMethod, RestoreGate};
use ovm::script::Scope;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
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
