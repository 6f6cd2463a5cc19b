//! The Manager's command line.

use crate::harness::{Client, Ssh, TestLab};
use lab::{ClosingLine, EmptyList, ErrorLine, HostKeyKind, LineEnd, Switches};
use ovm::ovmcli::{Status, parse_answers};
use russh::keys::{Algorithm, HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{ChannelMsg, Preferred, cipher, client, kex, mac};
use std::borrow::Cow;
use std::sync::Arc;

#[tokio::test]
async fn exec_over_ssh_prints_what_a_3_4_manager_prints() {
    let test = TestLab::with(|options| options.switches = Switches::default()).await;
    let manager = &test.lab.description().manager;
    assert!(Ssh::password(manager.port, "admin", "wrong").await.is_none());
    let ssh = Ssh::password(manager.port, &manager.user, &manager.password)
        .await
        .unwrap();
    assert_eq!(ssh.fingerprint, manager.host_key_fingerprint);
    let ran = ssh.run("list ServerPool;show Vm name=web01;", &[]).await;
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(
        text.starts_with("OVM> list ServerPool\n\rCommand: list ServerPool\n\rStatus: Success\n\rTime: "),
        "{text}"
    );
    assert!(text.ends_with("\n\rOVM> Connection closed.\n\r"), "{text}");
    assert_eq!((ran.status, ran.closed), (Some(0), true));
    let answers = parse_answers(text.as_bytes());
    assert_eq!(answers[0].items[0].name, "pool01");
    let keys: Vec<_> = answers[1]
        .properties
        .iter()
        .map(|property| property.key.as_str())
        .collect();
    assert_eq!(keys[..3], ["Status", "Memory (MB)", "Max. Memory (MB)"]);
    let ran = ssh.run("help;exit", &[]).await;
    assert!(String::from_utf8(ran.stdout).unwrap().ends_with("OVM> exit\n\r"));
    let ran = ssh.run("show Vm name=nobody", &[]).await;
    assert_eq!(ran.status, Some(0), "the exit status tells nothing");
    assert_eq!(parse_answers(&ran.stdout)[0].status, Status::Failure);
    test.lab.stop().await;
}

#[tokio::test]
async fn a_key_works_only_after_a_password_login() {
    let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).unwrap();
    let public = key.public_key().to_openssh().unwrap();
    let test = TestLab::with(|options| options.authorized_keys.push(public)).await;
    let key = Arc::new(key);
    let manager = &test.lab.description().manager;
    let with_key = async |port, user: &str| {
        let mut ssh = Ssh::connect(port).await;
        let key = PrivateKeyWithHashAlg::new(key.clone(), Some(HashAlg::Sha256));
        ssh.session.authenticate_publickey(user, key).await.unwrap().success()
    };
    assert!(!with_key(manager.port, "admin").await);
    Ssh::password(manager.port, "admin", &manager.password)
        .await
        .unwrap()
        .leave()
        .await;
    assert!(with_key(manager.port, "admin").await);
    assert!(!with_key(manager.port, "weblogic").await);
    test.lab.restart_manager();
    assert!(!with_key(manager.port, "admin").await);
    assert!(with_key(test.lab.description().servers[0].port, "root").await);
    test.lab.stop().await;
}

#[tokio::test]
async fn the_shell_echoes_prompts_and_keeps_settings() {
    let test = TestLab::start().await;
    let manager = &test.lab.description().manager;
    let ssh = Ssh::password(manager.port, "admin", &manager.password).await.unwrap();
    let mut channel = ssh.session.channel_open_session().await.unwrap();
    channel.request_pty(true, "vt100", 80, 24, 0, 0, &[]).await.unwrap();
    channel.request_shell(true).await.unwrap();
    channel
        .data(&b"set EndlineChars=CRLF\rlist Tagx\x7f\rexit\r"[..])
        .await
        .unwrap();
    let mut text = Vec::new();
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message {
            text.extend_from_slice(&data);
        }
    }
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with("OVM> set EndlineChars=CRLF\n\rCommand: set EndlineChars=CRLF\r\nStatus: Success\r\n"),
        "{text}"
    );
    assert!(text.contains("Command: list Tag\r\n"), "{text}");
    assert!(text.ends_with("OVM> exit\r\n"), "{text}");
    test.lab.stop().await;
}

#[tokio::test]
async fn switches_change_the_wire_and_not_the_meaning() {
    let switches = Switches {
        line_end: LineEnd::CrLf,
        closing_line: ClosingLine::Prompt,
        blank_after_data: true,
        job_id: false,
        error_line: ErrorLine::BeforeTime,
        empty_list: EmptyList::None,
        bracket_after_id: false,
        alphabetize: true,
        exit_status_on_failure: 3,
        ..Switches::default()
    };
    let test = TestLab::with(|options| options.switches = switches).await;
    let manager = &test.lab.description().manager;
    let ssh = Ssh::password(manager.port, "admin", &manager.password).await.unwrap();
    let ran = ssh
        .run("list Assembly;create Tag name=x;show Tag name=x;delete Tag name=y", &[])
        .await;
    let text = String::from_utf8(ran.stdout.clone()).unwrap();
    assert!(text.contains("Data: \r\n  None\r\nOVM> create"), "{text}");
    assert!(text.contains("Status: Failure\r\nError Msg: "), "{text}");
    assert!(!text.contains("JobId") && text.ends_with("OVM> "), "{text}");
    assert_eq!(ran.status, Some(3));
    let answers = parse_answers(&ran.stdout);
    assert!(answers[0].items.is_empty());
    assert_eq!(answers[1].items[0].name, "x");
    let keys: Vec<_> = answers[2]
        .properties
        .iter()
        .map(|property| property.key.as_str())
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(answers[2].properties[1].value, answers[1].items[0].id);
    test.lab.stop().await;
}

#[tokio::test]
async fn the_estate_has_every_shape() {
    let test = TestLab::start().await;
    let names = |answer: ovm::ovmcli::Answer| answer.items.into_iter().map(|item| item.name).collect::<Vec<_>>();
    assert_eq!(names(test.ok("list Server").await).len(), 2);
    assert_eq!(names(test.ok("list repository").await).len(), 3);
    let vms = names(test.ok("LIST VM").await);
    assert_eq!(vms.len(), 12);
    assert_eq!(vms.iter().filter(|name| *name == "test app").count(), 2);
    assert!(test.error("show Vm name='test app'").await.contains("More than one"));
    assert_eq!(test.property("Vm name='OL7 template'", "Status").await, "Template");
    let erp = test.ok("show Vm name=erp-app01").await;
    let mappings: Vec<_> = erp
        .properties
        .iter()
        .filter(|property| property.key.starts_with("VmDiskMapping"))
        .collect();
    assert_eq!(mappings.len(), 3);
    let mut repositories = Vec::new();
    for mapping in mappings {
        let id = &mapping.reference.as_ref().unwrap().id;
        let shown = test.ok(&format!("show VmDiskMapping id={id}")).await;
        assert_eq!(shown.properties.len(), 6);
        let (kind, disk) = shown
            .properties
            .iter()
            .find_map(|property| Some((property.key.strip_prefix("Virtual ")?, property.reference.clone()?.id)))
            .unwrap();
        let kind = if kind == "Cd" { "VirtualCdrom" } else { "VirtualDisk" };
        repositories.push(test.property(&format!("{kind} id={disk}"), "Repository Id").await);
    }
    repositories.sort();
    repositories.dedup();
    assert_eq!(repositories.len(), 3, "disks in two repositories, the CD in a third");
    let rac: Vec<_> = [
        test.answer("getVmCfgFileContent Vm name=rac1").await,
        test.answer("getVmCfgFileContent Vm name=rac2").await,
    ]
    .into_iter()
    .map(|answer| answer.text.concat())
    .collect();
    assert!(
        rac.iter()
            .all(|text| text.contains("phy:/dev/mapper/36006016020b03800") && text.contains(",xvdb,w!'")),
        "{rac:?}"
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn an_old_manager_needs_old_algorithms() {
    let switches = Switches {
        manager_host_key: HostKeyKind::Dsa,
        legacy_algorithms: true,
        ..Switches::default()
    };
    let test = TestLab::with(|options| options.switches = switches).await;
    let manager = &test.lab.description().manager;
    let modern = client::connect(Arc::default(), ("127.0.0.1", manager.port), Client::default()).await;
    assert!(modern.is_err());
    let old = client::Config {
        preferred: Preferred {
            kex: Cow::Borrowed(&[kex::DH_G14_SHA1]),
            key: Cow::Borrowed(&[Algorithm::Dsa]),
            cipher: Cow::Borrowed(&[cipher::AES_128_CBC]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
            ..Preferred::DEFAULT
        },
        ..client::Config::default()
    };
    let mut session = client::connect(Arc::new(old), ("127.0.0.1", manager.port), Client::default())
        .await
        .unwrap();
    assert!(
        session
            .authenticate_password("admin", &manager.password)
            .await
            .unwrap()
            .success()
    );
    let ssh = Ssh {
        session,
        fingerprint: String::new(),
    };
    let ran = ssh.run("showversion", &[]).await;
    assert!(String::from_utf8(ran.stdout).unwrap().contains("3.4.6"));
    test.lab.stop().await;
}
