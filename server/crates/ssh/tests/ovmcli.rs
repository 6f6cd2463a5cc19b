//! The OVMCLI session against a small Manager of our own that plays a script.

#![cfg(test)]

use ovm::ovmcli::{Command, Status};
use russh::{
    Channel, ChannelId,
    keys::{Algorithm, PrivateKey, key::safe_rng, ssh_key::LineEnding},
    server::{self, Auth, ChannelOpenHandle, Handler, Msg, Server, Session, VerifiedPublicKey},
};
use ssh::{
    Credential, HostKeyFingerprint, Login, Secret, SshError, Target,
    ovmcli::{LockPatience, ManagerSession, OvmcliError},
};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

const PASSWORD: &str = "Welcome1";

/// What the Manager does when the next command comes.
enum Play {
    /// Prints the text and ends the request in order.
    Say(&'static str),
    /// Prints the text, ends the request, and drops the connection, as after an idle time.
    SayAndLeave(&'static str),
    /// Prints the text and leaves the request open.
    SayAndStay(&'static str),
    /// Prints the text and drops the connection without an end.
    BreakOff(&'static str),
}

#[derive(Default)]
struct Stage {
    script: VecDeque<Play>,
    commands: Vec<String>,
    logins: usize,
    password_seen: bool,
}

#[derive(Clone)]
struct FakeManager(Arc<Mutex<Stage>>);

impl Server for FakeManager {
    type Handler = Self;

    fn new_client(&mut self, _: Option<SocketAddr>) -> Self {
        self.clone()
    }
}

impl Handler for FakeManager {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        if password != PASSWORD {
            return Ok(Auth::reject());
        }
        let mut stage = self.0.lock().unwrap();
        stage.password_seen = true;
        stage.logins += 1;
        Ok(Auth::Accept)
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let mut stage = self.0.lock().unwrap();
        stage.logins += usize::from(stage.password_seen);
        Ok(if stage.password_seen {
            Auth::Accept
        } else {
            Auth::reject()
        })
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, data: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        let play = {
            let mut stage = self.0.lock().unwrap();
            stage.commands.push(String::from_utf8(data.to_vec()).unwrap());
            stage
                .script
                .pop_front()
                .expect("more commands than the script has answers")
        };
        session.channel_success(id)?;
        let (Play::Say(text) | Play::SayAndLeave(text) | Play::SayAndStay(text) | Play::BreakOff(text)) = play;
        session.data(id, text.replace('\n', "\n\r").into_bytes())?;
        if matches!(play, Play::SayAndStay(_)) {
            return Ok(());
        }
        if !matches!(play, Play::BreakOff(_)) {
            session.exit_status_request(id, 0)?;
            session.eof(id)?;
            session.close(id)?;
        }
        if !matches!(play, Play::Say(_)) {
            session.disconnect(russh::Disconnect::ByApplication, "idle", "en")?;
        }
        Ok(())
    }
}

/// Starts a Manager; gives its stage and how to log in with the password.
async fn manager(script: impl IntoIterator<Item = Play>) -> (Arc<Mutex<Stage>>, Target) {
    let host_key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
    let fingerprint = host_key.fingerprint(russh::keys::HashAlg::Sha256).to_string();
    let config = Arc::new(server::Config {
        keys: vec![host_key],
        auth_rejection_time: Duration::ZERO,
        ..server::Config::default()
    });
    let stage = Arc::new(Mutex::new(Stage {
        script: script.into_iter().collect(),
        ..Stage::default()
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut manager = FakeManager(Arc::clone(&stage));
    tokio::spawn(async move { manager.run_on_socket(config, &listener).await });
    let target = Target {
        host: "127.0.0.1".into(),
        port,
        user: "admin".into(),
        host_key: fingerprint.parse::<HostKeyFingerprint>().unwrap(),
        credential: Credential::Password(Secret::new(PASSWORD)),
        legacy_algorithms: false,
    };
    (stage, target)
}

fn with_key(mut target: Target) -> Target {
    let key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
    target.credential = Credential::Key {
        private_openssh: Secret::new(key.to_openssh(LineEnding::LF).unwrap().as_str()),
        passphrase: None,
        password: Secret::new(PASSWORD),
    };
    target
}

const LIST: &str = "OVM> list Vm\nCommand: list Vm\nStatus: Success\nTime: 2024-05-02 10:11:12,345 CEST\nData: \n  \
                    id:0004fb00000600001111111111111111  name:web 1\nOVM> ";
const LOCKED: &str = "OVM> stop Vm id=1\nCommand: stop Vm id=1\nStatus: Failure\nTime: 2024-05-02 10:11:12,345 CEST\n\
                      Error Msg: GEN_000029:Object web:1\nof type Vm could not be modified as it was locked when it \
                      was fetched.\nOVM> ";
const STOPPED: &str = "OVM> stop Vm id=1\nCommand: stop Vm id=1\nStatus: Success\n\
                       Time: 2024-05-02 10:11:13,345 CEST\nJobId: 1714637472345\nOVM> ";

fn list() -> Command {
    Command::of_type("list", "Vm")
}

fn stop() -> Command {
    Command::on_id("stop", "Vm", "1")
}

#[tokio::test]
async fn an_answer_is_parsed_and_kept_as_it_came() {
    let (stage, target) = manager([Play::Say(LIST)]).await;
    let answer = ManagerSession::connect(target)
        .await
        .unwrap()
        .run(&list())
        .await
        .unwrap();
    assert_eq!(answer.status, Status::Success);
    assert_eq!(answer.items[0].name, "web 1");
    assert!(answer.raw.contains("Status: Success"));
    assert_eq!(stage.lock().unwrap().commands, ["list Vm"]);
}

#[tokio::test]
async fn a_key_works_only_after_a_password_login_and_both_are_tried() {
    let (_, target) = manager([]).await;
    let target = with_key(target);
    let first = ManagerSession::connect(target.clone()).await.unwrap();
    assert_eq!(first.login().await, Login::Password);
    let second = ManagerSession::connect(target).await.unwrap();
    assert_eq!(second.login().await, Login::Key);
}

#[tokio::test]
async fn a_wrong_password_is_said_so() {
    let (_, mut target) = manager([]).await;
    target.credential = Credential::Password(Secret::new("wrong"));
    let Err(error) = ManagerSession::connect(target).await else {
        panic!("the wrong password was accepted");
    };
    assert!(matches!(error, SshError::AuthenticationFailed { .. }), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn an_unreadable_key_is_said_so() {
    let (_, mut target) = manager([]).await;
    target.credential = Credential::Key {
        private_openssh: Secret::new("nonsense"),
        passphrase: None,
        password: Secret::new(PASSWORD),
    };
    let Err(error) = ManagerSession::connect(target).await else {
        panic!("a key that is none was used");
    };
    assert!(matches!(error, SshError::InvalidKey { .. }), "{error}");
}

#[tokio::test]
async fn a_request_that_stays_open_at_its_prompt_has_ended() {
    let (stage, target) = manager([Play::SayAndStay(LIST), Play::SayAndStay(STOPPED)]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    let answers = async {
        assert_eq!(session.run(&list()).await.unwrap().items[0].name, "web 1");
        assert_eq!(session.run(&stop()).await.unwrap().status, Status::Success);
    };
    tokio::time::timeout(Duration::from_secs(10), answers).await.unwrap();
    let told: Vec<bool> = stage
        .lock()
        .unwrap()
        .commands
        .iter()
        .map(|line| line.ends_with(";exit"))
        .collect();
    assert_eq!(
        told,
        [false, true],
        "a Manager that leaves requests open is told where they end"
    );
}

#[tokio::test]
async fn a_closed_connection_is_opened_again_for_the_next_command() {
    let (stage, target) = manager([Play::SayAndLeave(LIST), Play::SayAndLeave(LIST), Play::Say(LIST)]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    for _ in 0..3 {
        assert_eq!(session.run(&list()).await.unwrap().status, Status::Success);
    }
    assert_eq!(stage.lock().unwrap().logins, 3);
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_is_not_tried_again() {
    let (stage, target) = manager([Play::BreakOff("OVM> stop Vm id=1\nCommand: stop Vm id=1\nSta")]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    let error = session.run(&stop()).await.unwrap_err();
    assert!(matches!(error, OvmcliError::CutOff { .. }), "{error}");
    assert!(error.may_have_taken_effect() && !error.is_retryable());
    assert!(error.raw().unwrap().contains("Command: stop Vm id=1"));
    assert_eq!(stage.lock().unwrap().commands.len(), 1);
}

#[tokio::test]
async fn a_locked_object_is_waited_for() {
    let (stage, target) = manager([Play::Say(LOCKED), Play::Say(LOCKED), Play::Say(STOPPED)]).await;
    let patience = LockPatience {
        retries: 2,
        first_pause: Duration::from_millis(1),
    };
    let session = ManagerSession::connect(target).await.unwrap().with_patience(patience);
    let answer = session.run_to_success(&stop()).await.unwrap();
    assert_eq!(answer.job_id.as_deref(), Some("1714637472345"));
    assert_eq!(stage.lock().unwrap().commands.len(), 3);
}

#[tokio::test]
async fn patience_with_a_locked_object_ends() {
    let (stage, target) = manager([Play::Say(LOCKED), Play::Say(LOCKED)]).await;
    let patience = LockPatience {
        retries: 1,
        first_pause: Duration::from_millis(1),
    };
    let session = ManagerSession::connect(target).await.unwrap().with_patience(patience);
    let Err(OvmcliError::Failed { error, .. }) = session.run_to_success(&stop()).await else {
        panic!("a locked object was not reported");
    };
    assert_eq!(error.code.as_deref(), Some("GEN_000029"));
    assert_eq!(stage.lock().unwrap().commands.len(), 2);
}

#[tokio::test]
async fn an_answer_without_a_status_is_unknown() {
    for text in [
        "",
        "nothing of use\n",
        "OVM> stop Vm id=1\nCommand: stop Vm id=1\nTime: 2024",
    ] {
        let (_, target) = manager([Play::Say(text)]).await;
        let session = ManagerSession::connect(target).await.unwrap();
        let error = session.run_to_success(&stop()).await.unwrap_err();
        assert!(matches!(error, OvmcliError::Unknown { .. }), "{text:?}: {error}");
        assert!(error.may_have_taken_effect());
    }
}

const TWO: &str = "OVM> list Vm\nCommand: list Vm\nStatus: Success\nTime: 2024-05-02 10:11:12,345 CEST\nData: \n  \
                   id:0004fb00000600001111111111111111  name:web 1\nOVM> stop Vm id=1\nCommand: stop Vm id=1\n\
                   Status: Success\nTime: 2024-05-02 10:11:13,345 CEST\nOVM> ";

/// What came of two questions in one request: for each whether there is a clear answer.
async fn together(questions: [Command; 2], text: &'static str) -> (Vec<bool>, Vec<String>) {
    let (stage, target) = manager([Play::Say(text)]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    let answers = session.run_together(&questions).await.unwrap();
    let commands = stage.lock().unwrap().commands.clone();
    (answers.iter().map(Option::is_some).collect(), commands)
}

#[tokio::test]
async fn several_questions_in_one_request_are_told_apart_by_their_echo() {
    let (clear, commands) = together([list(), stop()], TWO).await;
    assert_eq!(
        (clear, commands),
        (vec![true, true], vec!["list Vm;stop Vm id=1".to_owned()])
    );
    let (clear, _) = together([stop(), list()], TWO).await;
    assert_eq!(clear, [false, false], "each answer belongs to the other question");
}

#[tokio::test]
async fn a_question_without_a_clear_answer_is_left_for_later() {
    let half: &str = "OVM> list Vm\nCommand: list Vm\nStatus: Success\nTime: 2024-05-02 10:11:12,345 CEST\nData: \nOVM> \
                      stop Vm id=1\nCommand: stop Vm id=1\nStatus: Failure\nTime: 2024-05-02 10:11:13,345 CEST\n\
                      Error Msg: GEN_000029: locked\nOVM> ";
    assert_eq!(together([list(), stop()], half).await.0, [true, false]);
    for too_few in [LIST, "OVM> list Vm;stop Vm id=1\nSyntax error\nOVM> ", ""] {
        assert_eq!(
            together([list(), stop()], too_few).await.0,
            [false, false],
            "{too_few:?}"
        );
    }
}

#[tokio::test]
async fn a_value_with_a_separator_is_never_sent_beside_others() {
    let (stage, target) = manager([]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    let odd = Command::on_id("show", "PhysicalDisk", "a;b");
    assert_eq!(session.run_together(&[list(), odd]).await.unwrap(), [None, None]);
    assert!(stage.lock().unwrap().commands.is_empty());
}

#[tokio::test]
async fn passwords_in_the_echo_are_blacked_out() {
    let echo = "OVM> discoverServer ipAddress=10.0.0.1 password=s3cret!\nCommand: discoverServer ipAddress=10.0.0.1 \
                password=s3cret!\nStatus: Failure\nTime: 2024-05-02 10:11:12,345 CEST\nError Msg: login with s3cret! \
                failed\nOVM> ";
    let (_, target) = manager([Play::Say(echo)]).await;
    let session = ManagerSession::connect(target).await.unwrap();
    let command = Command::new("discoverServer")
        .with("ipAddress", "10.0.0.1")
        .with("password", "s3cret!");
    let error = session.run_to_success(&command).await.unwrap_err();
    assert!(error.to_string().contains("10.0.0.1"), "{error}");
    assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
}
