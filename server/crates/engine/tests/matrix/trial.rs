//! One variation: a lab of its own is discovered, one of its machines is backed up, overwritten and restored.

use crate::variation::{Job, Variation};
use domain::ids::RunId;
use domain::plan::Purpose;
use domain::point::RecoveryPoint;
use domain::policy::RestoreGate;
use domain::run::{Decision, RunState};
use lab::{Lab, LabOptions, Mode, Switches};
use ovm::estate::{Attributes, Estate};
use std::time::Duration;
use tempfile::TempDir;
use world::{World, enrol, lab_in};

/// After this a variation is given up, so that one that hangs does not hold up the report.
const PATIENCE: Duration = Duration::from_secs(180);

/// What all variations share.
pub struct Ground {
    /// Its lab has the default switches.
    world: World,
    /// What every Manager must be discovered as.
    estate: Estate,
}

impl Ground {
    /// Starts the engine, and discovers a lab with the default switches.
    pub async fn lay() -> Self {
        let dir = TempDir::new().unwrap();
        let lab = lab_in(&dir, |options| small(options, Switches::default())).await;
        give_names(&lab).await;
        let world = World::around(lab, dir).await;
        let estate = essence(discovered(&world).await);
        Self { world, estate }
    }

    /// Ends the engine.
    pub async fn clear(self) {
        self.world.stop().await;
    }

    /// Another lab under the same engine.
    async fn another(&self, variation: &Variation) -> World {
        let dir = TempDir::new().unwrap();
        let switches = variation.switches.clone();
        let legacy = switches.legacy_algorithms;
        let lab = lab_in(&dir, |options| small(options, switches)).await;
        give_names(&lab).await;
        let World { backend, people, .. } = &self.world;
        World {
            manager: enrol(&lab, usize::MAX, backend, &people.admin, &variation.name, legacy).await,
            lab,
            dir,
            store: self.world.store.clone(),
            seal_key: self.world.seal_key.clone(),
            engine: None,
            backend: backend.clone(),
            people: people.clone(),
        }
    }
}

/// Small disks and a fast clock.
fn small(options: &mut LabOptions, switches: Switches) {
    options.switches = switches;
    options.mode = Mode::Auto { speed: 1000.0 };
    options.shrink_disks_by = 64;
    options.repository_size = 1 << 30;
}

/// Names and texts that are not plain ASCII.
async fn give_names(lab: &Lab) {
    for line in [
        "edit Vm name=win-files name=\"Büro; Akten (#1)\" description=\"Straße [außen] = 'alt'\"",
        "edit Vm name=erp-app01 description=\"größte Maschine\"",
    ] {
        let answer = lab.execute(line).await;
        assert!(answer.contains("Status: Success"), "{answer}");
    }
}

/// Tries it; panics where something is not as it should be.
pub async fn run(ground: &Ground, variation: &Variation) {
    let tried = tokio::time::timeout(PATIENCE, tries(ground, variation)).await;
    assert!(tried.is_ok(), "it was not over after {} seconds", PATIENCE.as_secs());
}

async fn tries(ground: &Ground, variation: &Variation) {
    let world = ground.another(variation).await;
    let estate = discovered(&world).await;
    assert_eq!(estate.problems, [], "objects that cannot be read");
    compare(&ground.estate, &essence(estate));
    if let Some(job) = variation.job {
        does(&world, job, variation.decision).await;
    }
    world.stop().await;
}

/// Backs up, overwrites, restores, and decides.
async fn does(world: &World, job: Job, decision: Decision) {
    world.protect(job.vm, job.wish, RestoreGate::Free).await;
    let before = Seen::look(world, job);
    let point = back_up(world, job).await;
    assert_eq!(Seen::look(world, job), before, "the machine after the backup");
    let stored: Vec<_> = point.manifest.disks().iter().map(|disk| disk.sha256.clone()).collect();
    assert_eq!(stored, before.hashes, "what is stored");
    let overwritten = overwrite(world, job);
    let run = restore(world, &point).await;
    assert_eq!(world.hashes(job.vm, job.slots), before.hashes, "the restored disks");
    decide(world, &run, decision).await;
    let expected = match decision {
        Decision::Commit => before,
        Decision::RollBack => Seen {
            hashes: overwritten,
            ..before
        },
    };
    assert_eq!(Seen::look(world, job), expected, "the machine at the end");
    world.assert_clean("the restore");
}

/// What must be of a machine as before.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    hashes: Vec<String>,
    running: bool,
    highly_available: bool,
}

impl Seen {
    fn look(world: &World, job: Job) -> Self {
        let id = world.vm(job.vm);
        let estate = world.lab.estate();
        let vm = estate.get::<lab::model::Vm>(id.as_str()).unwrap();
        Self {
            hashes: world.hashes(job.vm, job.slots),
            running: vm.status == lab::model::VmStatus::Running,
            highly_available: vm.high_availability,
        }
    }
}

/// Backs the machine up in the way that is expected, and compares what is stored with the disks.
async fn back_up(world: &World, job: Job) -> RecoveryPoint {
    let run = world.start_backup(job.vm).await;
    let ended = world.ended(&run).await;
    let summary = &ended.summary;
    assert_eq!(
        (summary.state, &summary.message),
        (RunState::Succeeded, &vec![]),
        "the backup: {:#?}",
        ended.journal.last()
    );
    let Purpose::Backup { method, .. } = &ended.plan.header.purpose else {
        panic!("{:?} is no backup", ended.plan.header.purpose);
    };
    assert_eq!(*method, job.method);
    let point = world.point(ended.point.as_ref().unwrap()).await;
    assert!(point.manifest.machine().vm.vm_cfg.is_some(), "vm.cfg is in the point");
    world.assert_clean("the backup");
    point
}

fn overwrite(world: &World, job: Job) -> Vec<String> {
    for slot in job.slots {
        world.lab.scribble(world.vm(job.vm).as_str(), *slot).unwrap();
    }
    world.hashes(job.vm, job.slots)
}

/// Restores up to the decision.
async fn restore(world: &World, point: &RecoveryPoint) -> RunId {
    let run = world.restore(&point.manifest.point).await;
    world.waiting(&run).await;
    run
}

async fn decide(world: &World, run: &RunId, decision: Decision) {
    let (runs, operator) = (&world.backend.runs, &world.people.operator);
    runs.decide(operator, run, decision).await.unwrap();
    let ended = world.ended(run).await.summary;
    let expected = match decision {
        Decision::Commit => RunState::Succeeded,
        Decision::RollBack => RunState::RolledBack,
    };
    assert_eq!(ended.state, expected, "the restore: {:?}", ended.message);
}

async fn discovered(world: &World) -> Estate {
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    Estate::clone(&estates.estate(admin, &world.manager).await.unwrap().estate)
}

/// The lines in order: the Manager writes those of `vm.cfg` in any.
fn sorted(text: &str) -> String {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The estate without what has no field of its own: how such attributes are spelt is the Manager's affair.
fn essence(mut estate: Estate) -> Estate {
    fn forget<'a>(attributes: impl IntoIterator<Item = &'a mut Attributes>) {
        attributes.into_iter().for_each(Attributes::clear);
    }
    forget(estate.pools.iter_mut().map(|it| &mut it.other));
    forget(estate.servers.iter_mut().map(|it| &mut it.other));
    forget(estate.repositories.iter_mut().map(|it| &mut it.other));
    forget(estate.networks.iter_mut().map(|it| &mut it.other));
    forget(estate.disks.iter_mut().map(|it| &mut it.other));
    forget(estate.cdroms.iter_mut().map(|it| &mut it.other));
    forget(estate.physical_disks.iter_mut().map(|it| &mut it.other));
    for vm in &mut estate.vms {
        vm.other.clear();
        vm.vm_cfg = vm.vm_cfg.as_deref().map(sorted);
        forget(vm.mappings.iter_mut().map(|it| &mut it.other));
        forget(vm.vnics.iter_mut().map(|it| &mut it.other));
    }
    for object in &mut estate.objects {
        object.attributes.clear();
    }
    estate
}

/// Line by line, so that a difference can be read.
fn compare(expected: &Estate, found: &Estate) {
    let lines = |estate: &Estate| -> Vec<String> {
        let text = format!("{estate:#?}").replace("\\n", "\n");
        text.lines().map(str::to_owned).collect()
    };
    let (expected, found) = (lines(expected), lines(found));
    let at = expected
        .iter()
        .zip(&found)
        .position(|(expected, found)| expected != found);
    let at = at.unwrap_or(expected.len().min(found.len()));
    assert_eq!(found.get(at), expected.get(at), "the estate is discovered otherwise");
}
