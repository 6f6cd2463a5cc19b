//! The client against OpenSSH's own server.

#![cfg(test)]

mod support;

use ssh::{Login, Profile, Session, SshError, probe_host_key};
use std::time::Duration;
use support::Sshd;
use tokio::io::AsyncReadExt;

const LIMIT: usize = 1024 * 1024;

#[tokio::test]
async fn a_command_gives_output_error_output_and_exit_status() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    assert_eq!(session.login(), Login::Key);
    assert_eq!(session.negotiated().host_key, "ssh-ed25519");

    let output = session.exec("echo out; echo err >&2; exit 3", LIMIT).await.unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice(), output.exit_status),
        (&b"out\n"[..], &b"err\n"[..], Some(3))
    );
    let killed = session.exec("kill -TERM $$", LIMIT).await.unwrap();
    assert_eq!((killed.exit_status, killed.signal.as_deref()), (None, Some("TERM")));
    let reader = session.exec("cat; echo end", LIMIT).await.unwrap();
    assert_eq!(reader.stdout, b"end\n", "the input of a plain command is empty");
}

#[tokio::test]
async fn several_commands_run_at_once_on_one_session() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    let file = server.folder().join("fifo").display().to_string();
    session.exec(&format!("mkfifo {file}"), LIMIT).await.unwrap();
    // Neither of the two ends without the other.
    let (read, write) = (format!("cat {file}"), format!("echo met > {file}"));
    let (read, write) = tokio::join!(session.exec(&read, LIMIT), session.exec(&write, LIMIT));
    assert_eq!(read.unwrap().stdout, b"met\n");
    assert!(write.unwrap().success());
}

#[tokio::test]
async fn bulk_streams_arrive_whole_in_both_directions() {
    const SIZE: usize = 40_000_000;
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Bulk).await.unwrap();
    assert_eq!(session.negotiated().cipher, "aes128-gcm@openssh.com");

    let mut stream = session
        .exec_stream(&format!("yes | head -c {SIZE}; echo note >&2"))
        .await
        .unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    let status = stream.finish().await.unwrap();
    assert!(status.success());
    assert_eq!(status.stderr, b"note\n");
    assert_eq!(received.len(), SIZE);
    assert!(received == b"y\n".repeat(SIZE / 2));

    let file = server.folder().join("copy").display().to_string();
    let output = session
        .exec_with_input(&format!("cat > {file}"), received.as_slice(), LIMIT)
        .await
        .unwrap();
    assert!(output.success());
    assert!(std::fs::read(file).unwrap() == received);
}

#[tokio::test]
async fn a_command_may_end_before_its_input() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    let output = session
        .exec_with_input("head -c 3; exit 5", tokio::io::repeat(b'x'), LIMIT)
        .await
        .unwrap();
    assert_eq!((output.stdout.as_slice(), output.exit_status), (&b"xxx"[..], Some(5)));
}

#[tokio::test]
async fn too_much_output_is_cut_off() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    let error = session.exec("yes", 1000).await.unwrap_err();
    assert!(matches!(error, SshError::OutputTooLarge { limit: 1000, .. }), "{error}");
    assert!(
        session.exec("true", LIMIT).await.unwrap().success(),
        "the session itself goes on"
    );
}

#[tokio::test]
async fn dropping_a_stream_ends_the_command() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    let marker = server.folder().join("ended");
    let mut stream = session
        .exec_stream(&format!("echo started; cat; touch {}", marker.display()))
        .await
        .unwrap();
    assert_eq!(stream.read_chunk().await.unwrap().unwrap(), "started\n");
    drop(stream);
    while !marker.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_loss_in_the_middle_says_that_the_command_had_been_sent() {
    let server = Sshd::start("ed25519", &[]);
    let session = Session::connect(&server.target(), Profile::Control).await.unwrap();
    let error = session
        .exec("echo some; kill -9 $PPID; sleep 60", LIMIT)
        .await
        .unwrap_err();
    assert!(matches!(error, SshError::ConnectionLost { sent: true, .. }), "{error}");
    assert!(error.was_sent() && !error.is_retryable());

    let error = session.exec("true", LIMIT).await.unwrap_err();
    assert!(matches!(error, SshError::ConnectionLost { sent: false, .. }), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn another_host_key_is_refused() {
    let server = Sshd::start("ed25519", &[]);
    let mut target = server.target();
    let shown = probe_host_key(&target.host, target.port, false).await.unwrap();
    assert_eq!(
        (shown.algorithm.as_str(), shown.fingerprint),
        ("ssh-ed25519", server.host_key())
    );

    target.host_key = Sshd::start("ed25519", &[]).host_key();
    let Err(SshError::HostKeyChanged { expected, seen, .. }) = Session::connect(&target, Profile::Control).await else {
        panic!("the wrong key was accepted");
    };
    assert_eq!((expected, seen), (target.host_key, server.host_key()));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = probe_host_key("127.0.0.1", free.port(), false).await.unwrap_err();
    assert!(
        matches!(error, SshError::Unreachable { .. }) && error.is_retryable(),
        "{error}"
    );
}

/// What a host of the years around 2012 offers: kinds of keys, and names in the order in which OpenSSH is told them.
struct Old {
    host_key: &'static str,
    kex: &'static str,
    ciphers: &'static str,
}

/// Connects for every use without and with the setting; `used` is the key exchange and the cipher that are expected.
async fn old_server(old: Old, used: (&str, &str)) {
    let (kind, signature) = match old.host_key {
        "dsa" => ("dsa", "ssh-dss"),
        other => (other, "ssh-rsa"),
    };
    let settings = [
        format!("HostKeyAlgorithms {signature}"),
        format!("KexAlgorithms {}", old.kex),
        format!("Ciphers {}", old.ciphers),
        "MACs hmac-sha1".to_owned(),
    ];
    let server = Sshd::start(kind, &settings.each_ref().map(String::as_str));
    let mut target = server.target();

    let Err(error) = Session::connect(&target, Profile::Control).await else {
        panic!("legacy algorithms were used without the setting");
    };
    let SshError::NoCommonAlgorithm { legacy_offered, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        !legacy_offered && error.to_string().contains("Allow old algorithms"),
        "{error}"
    );

    let shown = probe_host_key(&target.host, target.port, true).await.unwrap();
    assert_eq!(
        (shown.algorithm.as_str(), shown.fingerprint),
        (signature, target.host_key)
    );
    target.legacy_algorithms = true;
    for profile in [Profile::Control, Profile::Bulk] {
        let session = Session::connect(&target, profile).await.unwrap();
        let names = session.negotiated();
        assert_eq!((names.key_exchange.as_str(), names.cipher.as_str()), used);
        assert_eq!((names.host_key.as_str(), names.mac.as_str()), (signature, "hmac-sha1"));
        assert_eq!(session.exec("echo old", LIMIT).await.unwrap().stdout, b"old\n");
    }
}

/// A Manager with one key exchange and one cipher.
async fn old_manager(kex: &'static str, ciphers: &'static str) {
    let old = Old {
        host_key: "dsa",
        kex,
        ciphers,
    };
    old_server(old, (kex, ciphers)).await;
}

#[tokio::test]
async fn old_managers_need_the_setting_group14_aes() {
    old_manager("diffie-hellman-group14-sha1", "aes128-cbc").await;
}

#[tokio::test]
async fn old_managers_need_the_setting_group1_aes() {
    old_manager("diffie-hellman-group1-sha1", "aes256-cbc").await;
}

#[tokio::test]
async fn old_managers_need_the_setting_group14_des() {
    old_manager("diffie-hellman-group14-sha1", "3des-cbc").await;
}

#[tokio::test]
async fn old_managers_need_the_setting_group1_des() {
    old_manager("diffie-hellman-group1-sha1", "3des-cbc").await;
}

#[tokio::test]
async fn old_managers_need_the_setting_group_exchange() {
    old_manager("diffie-hellman-group-exchange-sha1", "aes192-cbc").await;
}

/// The defaults of OpenSSH 4.3, as far as its successor still knows them: Oracle VM Server up to 3.2.
#[tokio::test]
async fn old_servers_need_the_setting_openssh_4_3() {
    let old = Old {
        host_key: "rsa",
        kex: "diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
        ciphers: "aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc,aes128-ctr,aes192-ctr,aes256-ctr",
    };
    old_server(old, ("diffie-hellman-group14-sha1", "aes256-ctr")).await;
}

/// The defaults of OpenSSH 5.3 in the same way: Oracle VM Server from 3.3 on.
#[tokio::test]
async fn old_servers_need_the_setting_openssh_5_3() {
    let old = Old {
        host_key: "rsa",
        kex: "diffie-hellman-group-exchange-sha256,diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,\
              diffie-hellman-group1-sha1",
        ciphers: "aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc",
    };
    old_server(old, ("diffie-hellman-group-exchange-sha256", "aes256-ctr")).await;
}

#[tokio::test]
async fn a_host_that_offers_something_else_does_not_need_the_setting() {
    let server = Sshd::start("ed25519", &["KexAlgorithms ecdh-sha2-nistp256"]);
    let error = probe_host_key(&server.target().host, server.target().port, true)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("ecdh-sha2-nistp256") && !text.contains("Allow old algorithms"),
        "{text}"
    );
}

#[tokio::test]
async fn the_setting_changes_nothing_with_a_modern_server() {
    let server = Sshd::start("ed25519", &[]);
    let mut target = server.target();
    let modern = Session::connect(&target, Profile::Control).await.unwrap().negotiated();
    target.legacy_algorithms = true;
    assert_eq!(
        Session::connect(&target, Profile::Control).await.unwrap().negotiated(),
        modern
    );
}
