//! Connections to the Manager that are cut, dropped, slow or refused.

use crate::moments::Whenever;
use domain::enrolment::OLD_ALGORITHMS;
use domain::error::ServiceError;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::Decision;
use domain::say::{Language, Say};
use lab::{Fault, Mode};
use ovm::ovmcli::{Answer, Command};
use ssh::ovmcli::{ManagerSession, OvmcliError};
use ssh::{Credential, Login, Secret, Target};
use std::path::Path;
use std::process::Command as Process;
use tempfile::TempDir;
use world::{World, lab_in, server_access};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// Every command that a restore sends to the Manager, and what it asks.
const OF_A_RESTORE: [&str; 7] = [
    "list Vm",
    "show Vm",
    "getVmCfgFileContent",
    "edit Vm",
    "stop Vm",
    "refresh Repository",
    "start Vm",
];

/// A world with a recovery point of a machine that was overwritten since.
struct Scene {
    world: World,
    point: domain::ids::PointId,
    good: Vec<String>,
}

impl Scene {
    async fn set(world: World) -> Self {
        world.protect(VM, BackupMethod::Reflink, FREE).await;
        let good = world.hashes(VM, &[0]);
        let point = world.back_up(VM).await.manifest.point;
        Self { world, point, good }
    }

    /// Overwrites and restores the machine; everything is as it should be although this was armed.
    async fn restores_under(&self, faults: Vec<Fault>) {
        let world = &self.world;
        world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
        faults.iter().cloned().for_each(|fault| world.lab.faults().arm(fault));
        let run = world.restore(&self.point).await;
        world.waiting(&run).await;
        let ended = world.decide(&run, Decision::Commit).await;
        assert_eq!(world.lab.faults().armed(), [], "not met");
        assert_eq!(world.hashes(VM, &[0]), self.good);
        let shown = world.lab.execute(&format!("show Vm id={}", world.vm(VM))).await;
        assert!(shown.contains("Status = Running"), "{faults:?}: {shown}");
        assert!(shown.contains("High Availability = Yes"), "{faults:?}: {shown}");
        let killed = ended
            .journal
            .iter()
            .any(|entry| entry.step == "kill" && entry.observed.contains("kill Vm"));
        assert!(
            !killed,
            "{faults:?}: a guest that was never asked to stop was switched off"
        );
        world.assert_clean(&format!("{faults:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_gets_over_a_lost_connection_at_every_command_of_the_manager() {
    let scene = Scene::set(World::start().await).await;
    let each = |fault: fn(String) -> Fault| OF_A_RESTORE.iter().map(|words| fault((*words).to_owned())).collect();
    scene.restores_under(each(|command| Fault::CutBefore { command })).await;
    scene.restores_under(each(|command| Fault::CutMiddle { command })).await;
    scene.restores_under(each(|command| Fault::CutAfter { command })).await;
    scene
        .restores_under(each(|command| Fault::NoExitStatus { command }))
        .await;
    scene
        .restores_under(each(|command| Fault::ExitStatus { command, status: 255 }))
        .await;
    scene.world.stop().await;
}

/// The jobs of these take a while when the Manager's time is real.
const JOBS_OF_A_RESTORE: [&str; 4] = ["edit Vm", "stop Vm", "refresh Repository", "start Vm"];

async fn cut_while_the_jobs_run(disconnect_aborts_jobs: bool) {
    let world = World::with(|options| {
        options.mode = Mode::Auto { speed: 1.0 };
        options.switches.disconnect_aborts_jobs = disconnect_aborts_jobs;
    });
    let scene = Scene::set(world.await).await;
    let cut = |words: &str| Fault::CutDuring {
        command: words.to_owned(),
    };
    scene.restores_under(JOBS_OF_A_RESTORE.map(cut).to_vec()).await;
    let world = scene.world;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    for words in [
        "create VmCloneCustomizer",
        "create VmCloneStorageMapping",
        "clone Vm",
        "delete Vm",
    ] {
        world.lab.faults().arm(cut(words));
        world.back_up(VM).await;
        assert_eq!(world.lab.faults().armed(), [], "{words} was not met");
        world.assert_clean(words);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_goes_on_without_its_connection_is_waited_for() {
    cut_while_the_jobs_run(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_with_its_connection_is_asked_for_again() {
    cut_while_the_jobs_run(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_that_are_dropped_at_every_step_are_opened_again() {
    let mut world = World::start().await;
    let lab = world.lab.clone();
    world
        .restart(Some(Whenever::a_step_begins(move || lab.drop_idle_sessions())))
        .await;
    let scene = Scene::set(world).await;
    scene.restores_under(Vec::new()).await;
    let world = scene.world;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    world.back_up(VM).await;
    world.assert_clean("a backup without lasting connections");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_ten_seconds_late_are_waited_for() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    for command in ["show Vm", "clone Vm"] {
        world.lab.faults().arm(Fault::Delay {
            command: command.into(),
            millis: 10_000,
        });
    }
    let point = world.back_up(VM).await;
    assert_eq!(world.lab.faults().armed(), []);
    assert_eq!(point.manifest.disks()[0].sha256, world.hashes(VM, &[0])[0]);
    world.assert_clean("late answers");
    world.stop().await;
}

/// A new key without a passphrase: private and public.
fn new_key(dir: &Path) -> (String, String) {
    let file = dir.join("key");
    let mut keygen = Process::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file);
    assert!(keygen.status().unwrap().success());
    let read = |file| std::fs::read_to_string(file).unwrap();
    (read(file.clone()), read(file.with_extension("pub")))
}

/// The answer to a question that is asked once more when the connection ends while it is on its way, since the session
/// cannot know that it may be.
async fn ask(session: &ManagerSession, question: &Command) -> Answer {
    match session.run_to_success(question).await {
        Err(OvmcliError::CutOff { .. }) => session.run_to_success(question).await.unwrap(),
        result => result.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_restarted_manager_refuses_gives_way_to_the_password() {
    let keys = TempDir::new().unwrap();
    let (private, public) = new_key(keys.path());
    let world = World::with(|options| options.authorized_keys.push(public)).await;
    let manager = &world.lab.description().manager;
    let target = Target {
        host: manager.address.clone(),
        port: manager.port,
        user: manager.user.clone(),
        host_key: manager.host_key_fingerprint.parse().unwrap(),
        credential: Credential::Key {
            private_openssh: Secret::new(private),
            passphrase: None,
            password: Secret::new(manager.password.clone()),
        },
        legacy_algorithms: false,
    };
    let list = Command::of_type("list", "Vm");
    // Enrolling has logged in with the password before.
    let session = ManagerSession::connect(target.clone()).await.unwrap();
    assert_eq!(session.login().await, Login::Key);
    world.lab.restart_manager();
    assert_eq!(ask(&session, &list).await.items.len(), 12);
    assert_eq!(session.login().await, Login::Password);
    world.lab.drop_idle_sessions();
    assert_eq!(ask(&session, &list).await.items.len(), 12);
    assert_eq!(session.login().await, Login::Key);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_server_needs_the_setting_and_then_gives_its_disks() {
    let dir = TempDir::new().unwrap();
    let lab = lab_in(&dir, |options| options.switches.servers_legacy_algorithms = true).await;
    let world = World::seeing(0, lab, dir).await;
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    for server in &world.lab.description().servers {
        let shown = estates.probe_host_key(admin, &server.address, server.port).await;
        assert_eq!(shown.unwrap().fingerprint, server.host_key_fingerprint);
        let refused = estates.set_server_access(admin, server_access(&world.manager, server, false));
        let Err(ServiceError::Invalid { field, why }) = refused.await else {
            panic!("old algorithms were used without the setting");
        };
        let reason = why.say(Language::En);
        assert!(
            field == "legacy_algorithms" && reason.contains(OLD_ALGORITHMS),
            "{field}: {reason}"
        );
        let allowed = server_access(&world.manager, server, true);
        estates.set_server_access(admin, allowed).await.unwrap();
    }
    let servers = estates.servers(admin, &world.manager).await.unwrap();
    assert!(servers.len() > 1 && servers.iter().all(|server| server.legacy_algorithms));
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await;
    assert_eq!(point.manifest.disks()[0].sha256, world.hashes(VM, &[0])[0]);
    world.assert_clean("a backup from an old server");
    world.stop().await;
}
