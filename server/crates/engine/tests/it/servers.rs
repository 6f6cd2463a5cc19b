//! Servers as they are out there: with programs of their age, shares that map owners, pools without a cluster.

use domain::policy::{BackupMethod, RestoreGate};
use domain::run::Decision;
use lab::{ServerTools, Switches};
use world::World;

/// Its only disk lies on a network share.
const VM: &str = "intranet";

async fn world(change: impl FnOnce(&mut Switches)) -> World {
    let world = World::with(|options| change(&mut options.switches)).await;
    world.protect(VM, BackupMethod::StopCopyStart, RestoreGate::Free).await;
    world
}

/// Backs the machine up, overwrites it and restores it in place; the steps of both.
async fn comes_back(world: &World) -> String {
    let before = world.hashes(VM, &[0]);
    let point = world.back_up(VM).await;
    let disk = &point.manifest.disks[0];
    assert_eq!(
        disk.read_bytes, disk.size_bytes,
        "a share does not tell where data lies"
    );
    assert_eq!(disk.sha256, before[0]);
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let run = world.restore(&point.manifest.point).await;
    let waiting = world.waiting(&run).await;
    assert_eq!(world.hashes(VM, &[0]), before);
    world.decide(&run, Decision::Commit).await;
    assert!(world.vm_is_running(VM).await);
    world.assert_clean("a backup and a restore");
    let backup = world.run(&point.manifest.run).await;
    let steps = backup.journal.iter().chain(&waiting.journal);
    steps.map(|entry| format!("{} ", entry.step)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_on_a_share_is_read_whole_whatever_the_tools_say() {
    for tools in [ServerTools::El5, ServerTools::El6] {
        let world = world(|switches| switches.server_tools = tools).await;
        comes_back(&world).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_maps_owners_takes_a_disk_back() {
    let world = world(|switches| switches.shares_map_owners = true).await;
    comes_back(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_cluster_no_lock_is_taken() {
    let world = world(|_| ()).await;
    let steps = comes_back(&world).await;
    assert!(steps.contains(" lock ") && steps.contains(" unlock "), "{steps}");
    world.lab.dissolve_clusters();
    world.refresh().await;
    let steps = comes_back(&world).await;
    assert!(!steps.contains("lock "), "{steps}");
    world.stop().await;
}
