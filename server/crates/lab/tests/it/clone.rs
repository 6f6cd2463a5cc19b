//! Clones: what a backup through the Manager does.

use crate::harness::TestLab;
use lab::model::{MappedDisk, VirtualDisk, Vm};
use lab::{Fault, Lab};
use std::os::unix::fs::MetadataExt;

/// A customizer with thin storage mappings for every virtual disk, and the arguments that use it.
async fn customize(test: &TestLab, vm: &str) -> String {
    let estate = test.lab.estate();
    test.ok(&format!(
        "create VmCloneCustomizer name=hf-1-c description='for a test' on Vm id={vm}"
    ))
    .await;
    for (number, (mapping, disk)) in (0..).zip(virtual_disks(&test.lab, vm)) {
        let repository = &estate.get::<VirtualDisk>(&disk).unwrap().repository;
        test.ok(&format!(
            "create VmCloneStorageMapping cloneType=THIN_CLONE name=hf-1-m{number} vmDiskMapping={mapping} repository={repository} \
             on VmCloneCustomizer name=hf-1-c"
        ))
        .await;
    }
    "destType=VmTemplate destName=hf-1 serverPool=pool01 cloneCustomizer=hf-1-c".to_owned()
}

/// Mapping and disk of every virtual disk of a machine.
fn virtual_disks(lab: &Lab, vm: &str) -> Vec<(String, String)> {
    let estate = lab.estate();
    let disk = |mapping: &lab::model::VmDiskMapping| match &mapping.disk {
        MappedDisk::Virtual(id) => Some(id.clone()),
        _ => None,
    };
    estate
        .mappings_of(vm)
        .into_iter()
        .filter_map(|(object, mapping)| Some((object.id.clone(), disk(mapping)?)))
        .collect()
}

#[tokio::test]
async fn a_running_machine_is_cloned_thin_and_the_clone_goes_without_a_trace() {
    let test = TestLab::start().await;
    let vm = test.lab.vm_id("erp-app01").unwrap();
    let attributes = customize(&test, &vm).await;
    let before = [
        test.lab.disk_sha256(&vm, 0).unwrap(),
        test.lab.disk_sha256(&vm, 1).unwrap(),
    ];
    let clone = test.made(&format!("clone Vm id={vm} {attributes}")).await;
    assert!(clone.starts_with("0004fb0000140000"), "{clone}");
    assert_eq!(test.property(&format!("Vm id={clone}"), "Status").await, "Template");
    test.lab.scribble(&vm, 0).unwrap();
    assert_ne!(test.lab.disk_sha256(&vm, 0).unwrap(), before[0]);
    let after = [
        test.lab.disk_sha256(&clone, 0).unwrap(),
        test.lab.disk_sha256(&clone, 1).unwrap(),
    ];
    assert_eq!(after, before, "the clone keeps the bytes of its moment");
    let file = test
        .shell(&format!("grep -c file: /OVS/Repositories/*/Templates/{clone}/vm.cfg"))
        .await;
    assert_eq!(file.trim(), "1");

    assert!(!test.lab.orphans().is_empty());
    let disks = virtual_disks(&test.lab, &clone);
    assert_eq!(disks.len(), 2);
    assert!(
        test.error(&format!("delete VirtualDisk id={}", disks[0].1))
            .await
            .contains("in use")
    );
    for (mapping, disk) in disks {
        test.ok(&format!("delete VmDiskMapping id={mapping}")).await;
        test.ok(&format!("delete VirtualDisk id={disk}")).await;
    }
    test.ok(&format!("delete Vm id={clone}")).await;
    test.ok("delete VmCloneCustomizer name=hf-1-c").await;
    assert_eq!(test.lab.orphans(), lab::Orphans::default());
    test.lab.stop().await;
}

#[tokio::test]
async fn deleting_a_clone_leaves_its_disks() {
    let test = TestLab::start().await;
    let vm = test.lab.vm_id("web01").unwrap();
    let attributes = customize(&test, &vm).await;
    let clone = test.made(&format!("clone Vm id={vm} {attributes}")).await;
    test.ok(&format!("delete Vm id={clone}")).await;
    test.ok("delete VmCloneCustomizer name=hf-1-c").await;
    let left = test.lab.orphans();
    assert_eq!(left.objects.len(), 1, "{left:?}");
    assert!(
        left.objects[0].starts_with("VirtualDisk ") && left.objects[0].ends_with("web01_system (1)"),
        "{left:?}"
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn what_reality_refuses_is_refused() {
    let test = TestLab::start().await;
    let clone = |name: &str| format!("clone Vm name={name} destType=Vm destName=hf-x serverPool=pool01");
    assert!(
        test.error(&clone("intranet"))
            .await
            .contains("only be cloned with thin clones")
    );
    assert!(test.error(&clone("db01")).await.contains("physical disk"));
    test.ok("create VmCloneCustomizer name=hf-c on Vm name=intranet").await;
    let estate = test.lab.estate();
    let mapping = virtual_disks(&test.lab, &test.lab.vm_id("intranet").unwrap())
        .remove(0)
        .0;
    let thin = |repository: &str| {
        format!(
            "create VmCloneStorageMapping cloneType=THIN_CLONE name=hf-m vmDiskMapping={mapping} repository={repository} \
             on VmCloneCustomizer name=hf-c"
        )
    };
    test.ok(&thin("repo-nfs")).await;
    assert!(
        test.error(&format!("{} cloneCustomizer=hf-c", clone("intranet")))
            .await
            .contains("does not support thin")
    );
    test.ok("delete VmCloneStorageMapping name=hf-m").await;
    test.ok(&thin("repo-gold")).await;
    assert!(
        test.error(&format!("{} cloneCustomizer=hf-c", clone("intranet")))
            .await
            .contains("cannot leave")
    );
    assert_eq!(
        test.lab.estate().all::<Vm>().count(),
        estate.all::<Vm>().count(),
        "nothing was made"
    );
    test.lab.stop().await;
}

#[tokio::test]
async fn a_machine_with_a_lun_is_cloned_without_it() {
    let test = TestLab::start().await;
    let vm = test.lab.vm_id("db01").unwrap();
    let attributes = customize(&test, &vm).await;
    let clone = test.made(&format!("clone Vm id={vm} {attributes}")).await;
    assert_eq!(test.lab.estate().mappings_of(&clone).len(), 1);
    test.lab.stop().await;
}

#[tokio::test]
async fn a_failing_clone_leaves_what_it_made() {
    let test = TestLab::start().await;
    let vm = test.lab.vm_id("erp-app01").unwrap();
    let attributes = customize(&test, &vm).await;
    test.lab.faults().arm(Fault::FailJob {
        command: "clone Vm".to_owned(),
    });
    let error = test.error(&format!("clone Vm id={vm} {attributes}")).await;
    assert!(error.contains("OVMAPI_5001E"), "{error}");
    let clone = test.lab.vm_id("hf-1").unwrap();
    assert_eq!(virtual_disks(&test.lab, &clone).len(), 1);
    test.lab.stop().await;
}

#[tokio::test]
async fn single_disks_are_cloned_within_ocfs2() {
    let test = TestLab::start().await;
    let (_, disk) = virtual_disks(&test.lab, &test.lab.vm_id("web01").unwrap()).remove(0);
    let clone =
        |target: &str, kind: &str| format!("cloneVdToRepo VirtualDisk id={disk} target={target} cloneType={kind}");
    assert!(
        test.error(&clone("'repo silver (2)'", "THIN_CLONE"))
            .await
            .contains("cannot leave")
    );
    assert!(
        test.error(&clone("repo-nfs", "SPARSE_COPY"))
            .await
            .contains("physical disks")
    );
    let copy = test
        .ok(&clone("'repo silver (2)'", "SPARSE_COPY"))
        .await
        .items
        .remove(0);
    assert_eq!(copy.name, "web01_system (1)");
    let thin = test.ok(&clone("repo-gold", "THIN_CLONE")).await.items.remove(0);
    assert_eq!(thin.name, "web01_system (2)");
    let sums = test.shell(&format!("cd /OVS/Repositories; sha256sum */VirtualDisks/{disk} */VirtualDisks/{} */VirtualDisks/{} | cut -c-64 | uniq | wc -l", copy.id, thin.id)).await;
    assert_eq!(sums.trim(), "1");
    if test.lab.description().reflinks {
        let extents = test
            .shell(&format!("filefrag -v /OVS/Repositories/*/VirtualDisks/{}", thin.id))
            .await;
        assert!(extents.contains("shared"), "{extents}");
    }
    test.lab.stop().await;
}

#[tokio::test]
async fn a_full_repository_ends_a_copy() {
    // The smallest size that XFS takes.
    let test = TestLab::with(|options| options.repository_size = 320 << 20).await;
    if test.lab.description().reflinks {
        let (_, disk) = virtual_disks(&test.lab, &test.lab.vm_id("web01").unwrap()).remove(0);
        let repositories = &test.lab.description().repositories;
        let silver = &repositories
            .iter()
            .find(|found| found.name == "repo silver (2)")
            .unwrap()
            .path;
        assert_eq!(
            test.on_server(0, &format!("dd if=/dev/zero of={silver}/ISOs/filler bs=1M"))
                .await
                .status,
            Some(1)
        );
        let error = test
            .error(&format!(
                "cloneVdToRepo VirtualDisk id={disk} target='repo silver (2)' cloneType=SPARSE_COPY"
            ))
            .await;
        assert!(error.contains("No space left"), "{error}");
        assert!(test.lab.orphans().is_empty(), "half a file does not stay");
        let free = || test.property("Repository name='repo silver (2)'", "File System Free (GiB)");
        assert_ne!(free().await, "0.0", "the Manager has not looked yet");
        test.ok("refresh Repository name='repo silver (2)'").await;
        assert_eq!(free().await, "0.0");
    }
    test.lab.stop().await;
}

#[tokio::test]
async fn the_large_disk_is_small() {
    let test = TestLab::start().await;
    let path = test.lab.disk_path("archive01", 1).unwrap();
    let file = std::fs::metadata(path).unwrap();
    assert_eq!(file.len(), 20 << 30);
    assert!(file.blocks() * 512 < 12 << 20);
    test.lab.stop().await;
}
