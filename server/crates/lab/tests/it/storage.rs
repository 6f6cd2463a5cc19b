//! Repositories, reflinks, refreshes, and disks under running machines.

use crate::harness::TestLab;
use lab::model::{MappedDisk, RepositoryKind};

/// Path of a disk on the servers.
fn path(test: &TestLab, vm: &str, slot: u32) -> String {
    let inside = test.lab.disk_path(vm, slot).unwrap().display().to_string();
    format!("/OVS/Repositories/{}", inside.split_once("/mnt/").unwrap().1)
}

fn root(test: &TestLab, kind: RepositoryKind) -> String {
    let repositories = &test.lab.description().repositories;
    repositories
        .iter()
        .find(|repository| repository.kind == kind)
        .unwrap()
        .path
        .clone()
}

#[tokio::test]
async fn reflink_works_within_one_ocfs2_repository_only() {
    let test = TestLab::start().await;
    let disk = path(&test, "web01", 0);
    let own = disk.split("/VirtualDisks").next().unwrap();
    let nfs = root(&test, RepositoryKind::Nfs);
    test.shell(&format!("mkdir {own}/.holdfast && reflink -P --backup=off {disk} {own}/.holdfast/copy && cmp {disk} {own}/.holdfast/copy")).await;
    let left = test.lab.orphans();
    assert_eq!(left.files, [format!("{own}/.holdfast/copy")]);
    for (line, words) in [
        (format!("reflink {disk} {own}/.holdfast/copy"), "File exists"),
        (format!("reflink {disk} {nfs}/copy"), "cross-device"),
        (
            format!("reflink {} {nfs}/copy", path(&test, "intranet", 0)),
            "Operation not supported",
        ),
        (format!("reflink {own}/none {own}/copy"), "No such file"),
        (
            format!("cp --reflink=always {disk} {own}/copy"),
            "Operation not supported",
        ),
    ] {
        let ran = test.on_server(0, &line).await;
        let stderr = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status == Some(1) && stderr.contains(words), "{line}: {stderr}");
    }
    test.lab.stop().await;
}

#[tokio::test]
async fn a_running_guest_writes_to_the_file_it_opened() {
    let test = TestLab::start().await;
    let disk = path(&test, "web01", 0);
    let before = test.lab.disk_sha256("web01", 0).unwrap();
    test.shell(&format!("mv {disk} {disk}.old && cp --sparse=always {disk}.old {disk}"))
        .await;
    test.lab.scribble("web01", 0).unwrap();
    assert_eq!(
        test.lab.disk_sha256("web01", 0).unwrap(),
        before,
        "the new file is nobody's yet"
    );
    assert_ne!(
        test.shell(&format!("sha256sum <{disk}.old"))
            .await
            .trim_end_matches("  -\n"),
        before
    );
    test.ok("stop Vm name=web01").await;
    test.ok("start Vm name=web01").await;
    test.lab.scribble("web01", 0).unwrap();
    assert_ne!(test.lab.disk_sha256("web01", 0).unwrap(), before);
    test.lab.stop().await;
}

#[tokio::test]
async fn a_missing_disk_keeps_a_machine_down() {
    let test = TestLab::start().await;
    let disk = path(&test, "archive01", 0);
    test.shell(&format!("mv {disk} {disk}.old")).await;
    assert!(test.error("start Vm name=archive01").await.contains("No such file"));
    assert_eq!(test.property("Vm name=archive01", "Status").await, "Stopped");
    test.shell(&format!("mv {disk}.old {disk}")).await;
    test.ok("start Vm name=archive01").await;
    test.lab.stop().await;
}

#[tokio::test]
async fn a_refresh_shows_what_lies_there() {
    let test = TestLab::start().await;
    let root = root(&test, RepositoryKind::Ocfs2);
    test.shell(&format!(
        "truncate -s 3G {root}/VirtualDisks/0004fb0000120000aaaaaaaaaaaaaaaa.img"
    ))
    .await;
    let id = root.rsplit('/').next().unwrap();
    test.error("show VirtualDisk id=0004fb0000120000aaaaaaaaaaaaaaaa.img")
        .await;
    assert_eq!(test.lab.orphans().files.len(), 1);
    test.ok(&format!("refresh Repository id={id}")).await;
    assert_eq!(
        test.property("VirtualDisk id=0004fb0000120000aaaaaaaaaaaaaaaa.img", "Max (GiB)")
            .await,
        "3.0"
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn unpresented_repositories_disappear_from_the_server() {
    let test = TestLab::start().await;
    let nfs = root(&test, RepositoryKind::Nfs);
    test.ok("remove Server name=ovs02 from Repository name=repo-nfs").await;
    assert_eq!(test.on_server(1, &format!("test -d {nfs}/ISOs")).await.status, Some(1));
    assert_eq!(test.on_server(0, &format!("test -d {nfs}/ISOs")).await.status, Some(0));
    test.ok("add Server name=ovs02 to Repository name=repo-nfs").await;
    assert_eq!(test.on_server(1, &format!("test -d {nfs}/ISOs")).await.status, Some(0));
    test.lab.stop().await;
}

#[tokio::test]
async fn machines_are_made_changed_and_removed() {
    let test = TestLab::start().await;
    let vm = test
        .made("create Vm name='new one' repository=repo-gold domainType=XEN_HVM memory=2048 on ServerPool name=pool01")
        .await;
    let disk = test
        .made("create VirtualDisk name=new size=1 sparse=Yes shareable=No on Repository name=repo-gold")
        .await;
    let map = |slot: u32, what: &str| format!("create VmDiskMapping slot={slot} {what} name=m{slot} on Vm id={vm}");
    let mapping = test.made(&map(0, &format!("virtualDisk={disk}"))).await;
    assert!(test.error(&map(0, "virtualCd=EMPTY_CDROM")).await.contains("Slot 0"));
    assert!(
        test.error(&map(1, &format!("virtualDisk={disk}")))
            .await
            .contains("not shareable")
    );
    test.ok(&map(1, "virtualCd=OracleLinux-R7-U9-Server-x86_64-dvd.iso"))
        .await;
    test.ok(&format!(
        "create Vnic name=card network='VM Network' macAddress=00:21:F6:00:00:01 on Vm id={vm}"
    ))
    .await;
    let taken = test
        .error("create Vnic name=card network='VM Network' macAddress=00:21:f6:00:00:01 on Vm name=web01")
        .await;
    assert!(taken.contains("in use"), "{taken}");
    let cfg = test
        .ok(&format!("getVmCfgFileContent Vm id={vm}"))
        .await
        .text
        .join("\n");
    assert!(cfg.contains(&format!("VirtualDisks/{disk},xvda,w'")), "{cfg}");
    assert!(
        cfg.contains(":cdrom,r'") && cfg.contains("mac=00:21:f6:00:00:01,bridge=10e69b4de3"),
        "{cfg}"
    );
    test.ok(&format!(
        "edit Vm id={vm} highAvailability=Yes memory=4096 name='newer one' bootOrder='CDROM,DISK'"
    ))
    .await;
    let cfg = test.ok("getVmCfgFileContent Vm name='newer one'").await.text.join("\n");
    for line in [
        "memory = 4096",
        "OVM_high_availability = True",
        "boot = 'dc'",
        "OVM_simple_name = 'newer one'",
    ] {
        assert!(cfg.contains(line), "{line}: {cfg}");
    }
    assert!(
        test.error(&format!("edit Vm id={vm} memory=31"))
            .await
            .contains("memory")
    );
    test.ok(&format!("delete VmDiskMapping id={mapping}")).await;
    test.ok(&format!("delete Vm id={vm}")).await;
    let estate = test.lab.estate();
    assert_eq!(estate.vnics_of(&vm).len(), 0);
    assert!(
        estate.objects.values().any(|object| object.id == disk),
        "its disk stays"
    );
    assert!(estate.users_of(&disk).next().is_none());
    assert!(matches!(
        estate.mappings_of(&test.lab.vm_id("intranet").unwrap())[1].1.disk,
        MappedDisk::EmptyCdrom
    ));
    test.lab.stop().await;
}
