//! The fault switchboard and the control channel.

use crate::harness::{Ssh, TestLab};
use lab::{ControlRequest, Fault, LabControl};
use ovm::ovmcli::{Status, parse_answers};

async fn manager(test: &TestLab) -> Ssh {
    let manager = &test.lab.description().manager;
    Ssh::password(manager.port, "admin", &manager.password).await.unwrap()
}

#[tokio::test]
async fn connections_break_before_within_and_after_an_answer() {
    let test = TestLab::start().await;
    let command = || "create Tag".to_owned();
    let names = async || {
        test.ok("list Tag")
            .await
            .items
            .into_iter()
            .map(|item| item.name)
            .collect::<Vec<_>>()
    };
    test.lab.faults().arm(Fault::CutBefore { command: command() });
    let ran = manager(&test).await.run("create Tag name=one", &[]).await;
    assert_eq!((ran.stdout.len(), ran.status, ran.closed), (0, None, false));
    assert!(!names().await.contains(&"one".to_owned()));

    test.lab.faults().arm(Fault::CutMiddle { command: command() });
    let ran = manager(&test).await.run("create Tag name=two", &[]).await;
    let answer = parse_answers(&ran.stdout).remove(0);
    assert!(
        answer.truncated && answer.status == Status::Unknown && ran.status.is_none(),
        "{answer:?}"
    );
    assert!(names().await.contains(&"two".to_owned()));

    test.lab.faults().arm(Fault::CutAfter { command: command() });
    let ran = manager(&test).await.run("create Tag name=three", &[]).await;
    assert!(!String::from_utf8_lossy(&ran.stdout).contains("Status"), "{ran:?}");
    assert!(names().await.contains(&"three".to_owned()));

    test.lab.faults().arm(Fault::ExitStatus {
        command: command(),
        status: 255,
    });
    assert_eq!(
        manager(&test).await.run("create Tag name=four", &[]).await.status,
        Some(255)
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn server_commands_fail_and_streams_break() {
    let test = TestLab::start().await;
    test.lab.faults().arm(Fault::ServerFails {
        contains: "uname".to_owned(),
        status: 4,
    });
    assert_eq!(test.on_server(0, "uname -r").await.status, Some(4));
    assert_eq!(test.on_server(0, "uname -r").await.status, Some(0));
    let cut = |after_bytes| Fault::ServerCut {
        contains: "dd".to_owned(),
        after_bytes,
    };
    test.lab.faults().arm(cut(1_000_000));
    let ran = test.on_server(0, "dd if=/dev/zero bs=1M count=8").await;
    assert!(
        ran.stdout.len() <= 1_000_000 && ran.status.is_none() && !ran.closed,
        "{}",
        ran.stdout.len()
    );
    test.lab.faults().arm(cut(500_000));
    let server = &test.lab.description().servers[0];
    let ssh = Ssh::password(server.port, "root", &server.password).await.unwrap();
    let ran = ssh.run("dd of=/tmp/in", &vec![1; 600_000]).await;
    assert_eq!((ran.status, ran.closed), (None, false));
    assert!(test.shell("stat -c %s /tmp/in").await.trim().parse::<u64>().unwrap() <= 500_000);
    test.lab.stop().await;
}

#[tokio::test]
async fn the_control_channel_reaches_everything() {
    let test = TestLab::start().await;
    let control = LabControl::of_dir(test.dir.path());
    let ask = async |request: ControlRequest| control.request(&request).await.unwrap();
    let hash = async || {
        let request = ControlRequest::ReadDiskHash {
            vm: "web01".to_owned(),
            slot: 0,
        };
        ask(request).await.as_str().unwrap().to_owned()
    };
    let before = hash().await;
    assert_eq!(before, test.lab.disk_sha256("web01", 0).unwrap());
    ask(ControlRequest::Scribble {
        vm: "web01".to_owned(),
        slot: 0,
    })
    .await;
    assert_ne!(hash().await, before);
    let host = ControlRequest::ExchangeHostKey {
        host: "ovs01".to_owned(),
    };
    let fingerprint = ask(host).await;
    let server = &test.lab.description().servers[0];
    let now = Ssh::connect(server.port).await.fingerprint;
    assert_eq!(fingerprint, now);
    assert_ne!(now, server.host_key_fingerprint);
    ask(ControlRequest::StaleLock {
        vm: "archive01".to_owned(),
    })
    .await;
    assert_eq!(
        ask(ControlRequest::Orphans).await["locks"][0],
        test.lab.vm_id("archive01").unwrap()
    );
    assert_eq!(ask(ControlRequest::Describe).await["servers"][1]["name"], "ovs02");
    let unknown = ControlRequest::Scribble {
        vm: "nobody".to_owned(),
        slot: 0,
    };
    assert!(
        control
            .request(&unknown)
            .await
            .unwrap_err()
            .to_string()
            .contains("nobody")
    );
    let fault: Fault = serde_json::from_str(r#"{"kind":"fail_job","command":"stop"}"#).unwrap();
    ask(ControlRequest::Fault { fault }).await;
    assert!(test.error("stop Vm name=web01").await.contains("Input/output error"));
    test.lab.stop().await;
}
