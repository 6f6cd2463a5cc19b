//! The Oracle VM Servers.

use crate::harness::{Ssh, TestLab};
use std::time::Duration;

#[tokio::test]
async fn commands_run_with_bytes_both_ways() {
    let test = TestLab::start().await;
    let server = &test.lab.description().servers[0];
    assert!(Ssh::password(server.port, "root", "wrong").await.is_none());
    let ssh = Ssh::password(server.port, "root", &server.password).await.unwrap();
    assert_eq!(ssh.fingerprint, server.host_key_fingerprint);
    let input: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let ran = ssh
        .run(
            "cat >/tmp/in && sha256sum </tmp/in && tail -c 5 /tmp/in | od -An -tx1 >&2; exit 7",
            &input,
        )
        .await;
    use sha2::{Digest, Sha256};
    let expected: String = Sha256::digest(&input)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), format!("{expected}  -\n"));
    assert_eq!(String::from_utf8(ran.stderr).unwrap(), " 00 bf c6 2d 00\n");
    assert_eq!((ran.status, ran.closed), (Some(7), true));
    let back = ssh.run("cat /tmp/in", &[]).await;
    assert!(back.stdout == input);
    test.lab.stop().await;
}

#[tokio::test]
async fn a_server_looks_like_a_server() {
    let test = TestLab::start().await;
    assert_eq!(
        test.shell("cat /etc/ovs-release; pwd; id -un").await,
        "Oracle VM server release 3.4.6\n/root\nroot\n"
    );
    let estate = test.lab.estate();
    let repositories = test.lab.description().repositories.clone();
    let listed = test.shell("ls /OVS/Repositories").await;
    assert!(
        repositories.iter().all(|repository| listed.contains(&repository.id)),
        "{listed}"
    );
    let list = test.shell("xm list").await;
    assert!(
        list.starts_with("Name                                        ID   Mem VCPUs      State  Time(s)\n"),
        "{list}"
    );
    assert!(list.contains(&test.lab.vm_id("web01").unwrap()), "{list}");
    assert!(
        !list.contains(&test.lab.vm_id("erp-app01").unwrap()),
        "it runs on the other server: {list}"
    );
    let other = String::from_utf8(test.on_server(1, "xm list").await.stdout).unwrap();
    assert!(other.contains(&test.lab.vm_id("erp-app01").unwrap()), "{other}");
    assert_eq!(test.on_server(1, "xm list nobody").await.status, Some(1));
    for (_, disk) in estate
        .all::<lab::model::PhysicalDisk>()
        .filter(|(object, _)| estate.users_of(&object.id).next().is_some())
    {
        let size = test
            .shell(&format!("dd if=/dev/mapper/{} bs=1M status=none | wc -c", disk.wwid))
            .await;
        assert_eq!(size.trim(), disk.size.to_string());
    }
    assert_ne!(
        test.shell("ps ax | grep -c . || true").await,
        "",
        "processes of the server only"
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn a_command_ends_with_its_client() {
    let test = TestLab::start().await;
    let server = &test.lab.description().servers[0];
    let ssh = Ssh::password(server.port, "root", &server.password).await.unwrap();
    let channel = ssh.session.channel_open_session().await.unwrap();
    channel
        .exec(true, "echo on >/tmp/mark; sleep 1000; echo off >/tmp/mark")
        .await
        .unwrap();
    let running = async |expected: &str| {
        while test
            .shell("cat /tmp/mark 2>/dev/null; ps ax -o args= | grep -c '^sleep 1000' || true")
            .await
            != expected
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    running("on\n1\n").await;
    ssh.leave().await;
    running("on\n0\n").await;
    test.lab.stop().await;
}

#[tokio::test]
async fn locks_are_shared_and_a_running_machine_holds_its_own() {
    let test = TestLab::start().await;
    let (running, stopped) = (test.lab.vm_id("web01").unwrap(), test.lab.vm_id("archive01").unwrap());
    assert_eq!(
        test.on_server(1, &format!("ovs-agent-dlm --lock --uuid {running}"))
            .await
            .status,
        Some(1)
    );
    test.shell(&format!("ovs-agent-dlm --lock --uuid {stopped}")).await;
    assert_eq!(
        test.on_server(1, &format!("ovs-agent-dlm --lock --uuid {stopped}"))
            .await
            .status,
        Some(1)
    );
    assert_eq!(test.lab.orphans().locks, std::slice::from_ref(&stopped));
    assert!(
        test.error(&format!("start Vm id={stopped}"))
            .await
            .contains("resource is busy")
    );
    test.on_server(1, &format!("ovs-agent-dlm --unlock --uuid {stopped}"))
        .await;
    assert!(test.lab.orphans().is_empty());
    test.ok(&format!("start Vm id={stopped}")).await;
    test.lab.stop().await;
}
