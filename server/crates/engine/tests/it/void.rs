//! The world changes between a plan and its run, or under the run: what was approved is not done to something else.

use crate::moments::StopAt;
use domain::enrolment::NewServerAccess;
use domain::ids::{PointId, RunId};
use domain::request::Vote;
use domain::run::{Decision, RunDetail, RunState, Settlement};
use domain::say::{Language, Say};
use engine::Moment;
use ovm::estate::MappedStorage;
use ovm::ids::{DiskId, ServerId};
use world::{World, new_manager, told};

const VM: &str = "web01";
const OTHER: &str = "erp-app01";

/// A world in which the machine is backed up and then overwritten.
struct Scene {
    world: World,
    point: PointId,
    overwritten: Vec<String>,
}

impl Scene {
    async fn set(world: World) -> Self {
        let (point, _, overwritten) = world.overwritten(VM).await;
        Self {
            world,
            point,
            overwritten,
        }
    }

    /// A restore is approved after something has happened that nobody has told us.
    async fn restored_after(&self, happens: impl AsyncFnOnce(&World)) -> RunId {
        let (request, hash) = self.world.request_restore(&self.point).await;
        happens(&self.world).await;
        let (restores, approver) = (&self.world.backend.restores, &self.world.people.approver);
        restores
            .vote(approver, &request, &hash, Vote::Approve, "")
            .await
            .unwrap();
        let view = restores.get(approver, &request).await.unwrap();
        view.request.run.unwrap()
    }

    /// A restore is stopped as it begins to set the disk aside; then something happens, and the run is taken up again.
    async fn restored_around(&mut self, happens: impl AsyncFnOnce(&World)) -> RunId {
        let stop = StopAt::at("keep-0", Moment::AfterIntent);
        self.world.restart(Some(stop.clone())).await;
        let run = self.world.start_restore(&self.point).await;
        stop.stopped.notified().await;
        self.world.stop_engine().await;
        happens(&self.world).await;
        self.world.restart(None).await;
        run
    }

    /// The machine runs, with the bytes that it had.
    async fn is_untouched(&self) {
        assert_eq!(self.world.hashes(VM, &[0]), self.overwritten);
        assert!(self.world.vm_is_running(VM).await);
    }
}

fn steps(run: &RunDetail) -> Vec<&str> {
    run.journal.iter().map(|entry| entry.step.as_str()).collect()
}

async fn disk(world: &World) -> DiskId {
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    let estate = estates.estate(admin, &world.manager).await.unwrap().estate;
    match &estate.vm(&world.vm(VM)).unwrap().mappings[0].storage {
        MappedStorage::VirtualDisk { id } => id.clone(),
        other => panic!("{other:?}"),
    }
}

async fn command(world: &World, line: String) {
    let answer = world.lab.execute(&line).await;
    assert!(answer.contains("Success"), "{line}: {answer}");
}

async fn map_to_another(world: &World) {
    let (disk, other) = (disk(world).await, world.vm(OTHER));
    command(world, format!("edit VirtualDisk id={disk} shareable=Yes")).await;
    let mapping = format!("create VmDiskMapping slot=9 virtualDisk={disk} name=shared on Vm id={other}");
    command(world, mapping).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_another_machine_uses_since_the_plan_is_not_replaced() {
    for disks_name_mappings in [true, false] {
        let world = World::with(|options| options.switches.disks_name_mappings = disks_name_mappings).await;
        let scene = Scene::set(world).await;
        let run = scene.restored_after(map_to_another).await;
        let says = ["no longer holds", "web01_system", OTHER, "plan again"];
        let ended = scene.world.fails(&run, &says).await;
        assert_eq!(steps(&ended), ["check-point", "definition"], "nothing else was begun");
        scene.is_untouched().await;
        scene.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_has_grown_since_the_plan_is_not_replaced() {
    let scene = Scene::set(World::start().await).await;
    let grow = async |world: &World| {
        let disk = disk(world).await;
        command(world, format!("resize VirtualDisk id={disk} size=2")).await;
    };
    let run = scene.restored_after(grow).await;
    let says = [
        "no longer holds",
        "is 1.0 GiB in size",
        "It is now 2.0 GiB",
        "plan again",
    ];
    let ended = scene.world.fails(&run, &says).await;
    assert_eq!(steps(&ended), ["check-point", "definition"], "nothing else was begun");
    let facts: Vec<String> = ended
        .plan
        .preconditions
        .iter()
        .map(|fact| fact.say(Language::En))
        .collect();
    let told_before = facts.iter().any(|fact| {
        fact.contains("web01_system") && fact.contains("1.0 GiB") && fact.contains("mapped to no other VM")
    });
    assert!(told_before, "an approver reads it: {facts:?}");
    scene.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_another_machine_uses_by_now_is_not_set_aside() {
    let mut scene = Scene::set(World::start().await).await;
    let run = scene.restored_around(map_to_another).await;
    let says = ["Set the current file", "no longer holds", OTHER, "plan again"];
    let ended = scene.world.fails(&run, &says).await;
    assert!(!steps(&ended).contains(&"swap-0"), "{ended:#?}");
    scene.is_untouched().await;
    scene.world.stop().await;
}

/// All hosts show other keys, and an administrator enrols them anew.
async fn enrol_anew(world: &World) {
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    let described = world.lab.description();
    let mut new = new_manager("lab", &described.manager, false);
    new.fingerprint = world.lab.exchange_host_key("manager").unwrap();
    assert_eq!(estates.enrol(admin, new).await.unwrap(), world.manager);
    for server in &described.servers {
        let access = NewServerAccess {
            manager: world.manager.clone(),
            server: ServerId::new(server.id.clone()),
            host: server.address.clone(),
            port: server.port,
            user: server.user.clone(),
            password: server.password.clone(),
            fingerprint: world.lab.exchange_host_key(&server.name).unwrap(),
            legacy_algorithms: false,
        };
        estates.set_server_access(admin, access).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_for_one_host_is_not_done_to_another() {
    let scene = Scene::set(World::start().await).await;
    let run = scene.restored_after(enrol_anew).await;
    let says = ["the Manager lab now has the host key", "the server ", "Plan again"];
    let ended = scene.world.fails(&run, &says).await;
    assert_eq!(steps(&ended), [""; 0], "nothing was begun");
    scene.is_untouched().await;
    let run = scene.world.start_restore(&scene.point).await;
    scene.world.waiting(&run).await;
    scene.world.decide(&run, Decision::RollBack).await;
    scene.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_about_hosts_that_were_enrolled_anew_under_a_run() {
    let mut scene = Scene::set(World::start().await).await;
    let run = scene.restored_around(enrol_anew).await;
    let stands = scene.world.stands(&run).await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    let message = told(&stands.summary);
    for part in [
        "the Manager lab now has the host key",
        "the server ",
        "resume the run or undo it.",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(scene.world.hashes(VM, &[0]), scene.overwritten);
    // They are the same hosts.
    let admin = scene.world.people.admin.clone();
    let runs = scene.world.backend.runs.clone();
    runs.settle(&admin, &run, Settlement::GoOn).await.unwrap();
    scene.world.waiting(&run).await;
    assert_ne!(scene.world.hashes(VM, &[0]), scene.overwritten);

    // And once more, while a person decides.
    enrol_anew(&scene.world).await;
    let operator = scene.world.people.operator.clone();
    runs.decide(&operator, &run, Decision::Commit).await.unwrap();
    let stands = scene
        .world
        .until(&run, |state| state.is_over() || state == RunState::NeedsOperator)
        .await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    assert!(!steps(&stands).contains(&"commit-1"), "{stands:#?}");
    runs.settle(&admin, &run, Settlement::GoOn).await.unwrap();
    let ended = scene.world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    scene.world.assert_clean("a run over two changes of keys");
    scene.world.stop().await;
}
