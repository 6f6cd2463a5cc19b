//! The machines of a new lab, one for each shape.

use super::{Builder, GIB, MIB};
use crate::model::{
    AntiAffinityGroup, Body, CloneType, DomainType, Kind, MappedDisk, NetworkMapping, PhysicalDisk, RepositoryExport,
    StorageMapping, Tag, VirtualDisk, Vm, VmCloneCustomizer, VmStatus,
};
use crate::switches::Dialect;

/// Adds all machines.
pub(super) fn add(b: &mut Builder) {
    let (gold, silver, nfs, lan) = (b.gold.clone(), b.silver.clone(), b.nfs.clone(), vec![b.network.clone()]);
    let iso = b.iso(&nfs, "OracleLinux-R7-U9-Server-x86_64-dvd.iso", 3 * MIB);

    let vm = Vm {
        high_availability: true,
        ..b.machine(&gold, 0, DomainType::XenPvm, 2048)
    };
    let disks = vec![b.disk(&gold, "web01_system", GIB, 12 * MIB)];
    let web = b.vm("web01", vm, disks, &lan);

    // Two disks in different repositories and the CD in a third.
    let vm = Vm {
        high_availability: true,
        ..b.machine(&gold, 1, DomainType::XenHvmPvDrivers, 4096)
    };
    let disks = vec![
        b.disk(&gold, "erp-app01_system", GIB, 16 * MIB),
        b.disk(&silver, "erp-app01_data (1)", 2 * GIB, 20 * MIB),
        iso.clone(),
    ];
    let erp = b.vm("erp-app01", vm, disks, &lan);

    let windows = b.iso(&silver, "windows-2012r2.iso", 2 * MIB);
    let vm = Vm {
        os_type: "Microsoft Windows Server 2012 R2".to_owned(),
        mouse: "USB_TABLET".to_owned(),
        keymap: "de".to_owned(),
        boot_order: vec!["CDROM".to_owned(), "DISK".to_owned()],
        ..b.machine(&silver, 0, DomainType::XenHvm, 4096)
    };
    let disks = vec![b.disk(&silver, "win-files_c", GIB, 8 * MIB), windows];
    b.vm("win-files", vm, disks, &lan);

    with_luns(b, &gold, &lan);

    // Files on NFS cannot be cloned while the machine runs.
    let vm = b.machine(&nfs, 0, DomainType::XenHvmPvDrivers, 2048);
    let disks = vec![b.disk(&nfs, "intranet_system", GIB, 10 * MIB), MappedDisk::EmptyCdrom];
    b.vm("intranet", vm, disks, &lan);

    let vm = Vm {
        status: VmStatus::Template,
        server: None,
        origin: "http://templates.example.com/OVM_OL7U9_x86_64_PVM.ova".to_owned(),
        ..b.machine(&gold, 0, DomainType::XenPvm, 1024)
    };
    let disks = vec![b.disk(&gold, "OL7 template_system", GIB, 6 * MIB)];
    b.vm("OL7 template", vm, disks, &[]);

    // Two machines of one name: names are not unique.
    for (repository, status) in [(&silver, VmStatus::Running), (&gold, VmStatus::Stopped)] {
        let vm = Vm {
            status,
            ..b.machine(repository, 1, DomainType::XenPvm, 1024)
        };
        let disks = vec![b.disk(repository, "test app_system", GIB, 4 * MIB)];
        b.vm("test app", vm, disks, &lan);
    }

    // Large for the guest, small on the disk.
    let vm = Vm {
        status: VmStatus::Stopped,
        ..b.machine(&silver, 1, DomainType::XenPvm, 1024)
    };
    let disks = vec![
        b.disk(&silver, "archive01_system", GIB, 4 * MIB),
        b.disk(&silver, "archive01_data", 20 * GIB, 8 * MIB),
    ];
    b.vm("archive01", vm, disks, &lan);

    let vm = Vm {
        status: VmStatus::Stopped,
        boot_order: vec!["PXE".to_owned()],
        server: None,
        ..b.machine(&gold, 0, DomainType::XenHvm, 1024)
    };
    b.vm("pxe-install", vm, Vec::new(), &lan);

    let members = vec![web, erp];
    b.estate.add("production", Body::Tag(Tag { members }));
}

/// What binds machines together, and what somebody has left behind.
pub(super) fn group(b: &mut Builder) {
    let id = |b: &Builder, name: &str| {
        let mut found = b.estate.objects.named(Kind::Vm, name);
        found.next().map(|object| object.id.clone()).unwrap_or_default()
    };
    let (rac, web) = (vec![id(b, "rac1"), id(b, "rac2")], id(b, "web01"));
    let pool = b.pool.clone();
    let members = rac
        .iter()
        .cloned()
        .chain([b.servers[0].clone(), pool.clone()])
        .collect();
    b.estate.add("oracle licence", Body::Tag(Tag { members }));
    if b.estate.dialect == Dialect::V32 {
        // It has neither groups nor exports nor customizers.
        return;
    }
    let group = AntiAffinityGroup { pool, vms: rac };
    b.estate.add("rac apart", Body::AntiAffinityGroup(group));
    let export = RepositoryExport {
        repository: b.silver.clone(),
        server: b.servers[0].clone(),
        client: "192.168.56.99".to_owned(),
        options: "ro,async,no_root_squash".to_owned(),
    };
    b.estate.add("export for tape", Body::RepositoryExport(export));
    let body = VmCloneCustomizer { vm: web.clone() };
    let customizer = b.estate.add("before the update", Body::VmCloneCustomizer(body));
    let mappings: Vec<_> = b
        .estate
        .mappings_of(&web)
        .iter()
        .map(|(object, _)| object.id.clone())
        .collect();
    for mapping in mappings {
        let body = StorageMapping {
            customizer: customizer.clone(),
            mapping,
            clone_type: CloneType::ThinClone,
            target: b.gold.clone(),
        };
        b.estate.add("system disk", Body::VmCloneStorageMapping(body));
    }
    let cards: Vec<_> = b
        .estate
        .vnics_of(&web)
        .iter()
        .map(|(object, _)| object.id.clone())
        .collect();
    for vnic in cards {
        let body = NetworkMapping {
            customizer: customizer.clone(),
            vnic,
            network: b.storage_network.clone(),
        };
        b.estate.add("quarantine", Body::VmCloneNetworkMapping(body));
    }
}

/// A machine with a LUN beside its file, and two that share one.
fn with_luns(b: &mut Builder, gold: &str, lan: &[String]) {
    let vm = b.machine(gold, 1, DomainType::XenPvm, 8192);
    let data = MappedDisk::Physical(b.lun("ebsdb-prd_data;", 256 * MIB, false));
    let disks = vec![b.disk(gold, "db01_system", GIB, 8 * MIB), data];
    b.vm("db01", vm, disks, lan);

    let shared = MappedDisk::Physical(b.lun("rac_voting DGC (4)", 128 * MIB, true));
    let both = [lan, std::slice::from_ref(&b.storage_network)].concat();
    for (server, name) in ["rac1", "rac2"].into_iter().enumerate() {
        let vm = Vm {
            high_availability: true,
            ..b.machine(gold, server, DomainType::XenHvmPvDrivers, 8192)
        };
        let disks = vec![b.disk(gold, &format!("{name}_system"), GIB, 5 * MIB), shared.clone()];
        b.vm(name, vm, disks, &both);
    }
    mark_filled(b);
}

/// LUNs that machines use hold data; those below repositories have no bytes of their own in the lab.
fn mark_filled(b: &mut Builder) {
    let used: Vec<_> = b
        .estate
        .all::<PhysicalDisk>()
        .map(|(object, _)| object.id.clone())
        .collect();
    for id in used {
        if b.estate.users_of(&id).next().is_some() {
            b.fills.insert(id, 6 * MIB);
        }
    }
    debug_assert!(
        b.estate
            .all::<VirtualDisk>()
            .all(|(object, _)| b.fills.contains_key(&object.id))
    );
}
