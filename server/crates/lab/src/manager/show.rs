//! The properties of each object, with the keys of the release. Which keys are certain, and which are guessed from the
//! public object model, is said in the reference on the command line; clients must live with both.

use super::lines::Lines;
use super::{show_network, show_storage, show_vm};
use crate::model::{
    AntiAffinityGroup, Body, Estate, Job, JobState, Kind, NetworkMapping, Object, Server, ServerPool, StorageMapping,
    Tag, VmCloneCustomizer,
};
use crate::switches::{Dialect, Switches};

/// What `show` prints for an object.
pub(super) fn properties(estate: &Estate, object: &Object, switches: &Switches) -> Vec<(String, String)> {
    let mut lines = Lines::new(estate, switches);
    let out = &mut lines;
    match &object.body {
        Body::Manager => manager(out, object),
        Body::FileServerPlugin | Body::StorageArrayPlugin => {}
        Body::ServerPool(pool) => server_pool(out, object, pool),
        Body::Server(it) => server(out, object, it),
        Body::Port(it) => show_network::port(out, object, it),
        Body::BondPort(it) => show_network::bond(out, object, it),
        Body::VlanInterface(it) => show_network::vlan(out, it),
        Body::VlanGroup(it) => show_network::vlan_group(out, object, it),
        Body::VlanSegment(it) => show_network::vlan_segment(out, object, it),
        Body::Network(it) => show_network::network(out, object, it),
        Body::FileServer(it) => show_storage::file_server(out, object, it),
        Body::FileSystem(it) => show_storage::file_system(out, object, it),
        Body::Repository(it) => show_storage::repository(out, object, it),
        Body::RepositoryExport(it) => show_storage::export(out, it),
        Body::StorageArray(it) => show_storage::array(out, object, it),
        Body::VolumeGroup(it) => show_storage::volume_group(out, object, it),
        Body::AccessGroup(it) => show_storage::access_group(out, it),
        Body::StorageInitiator(it) => out.refer("Server", &it.server),
        Body::PhysicalDisk(it) => show_storage::physical_disk(out, object, it),
        Body::VirtualDisk(it) => show_storage::virtual_disk(out, object, it),
        Body::VirtualCdrom(it) => show_storage::virtual_cdrom(out, object, it),
        Body::Vm(it) => show_vm::vm(out, object, it),
        Body::VmDiskMapping(it) => show_storage::mapping(out, it),
        Body::Vnic(it) => show_network::vnic(out, it),
        Body::Tag(it) => tag(out, it),
        Body::AntiAffinityGroup(it) => group(out, it),
        Body::VmCloneCustomizer(it) => customizer(out, object, it),
        Body::VmCloneStorageMapping(it) => storage_mapping(out, it),
        Body::VmCloneNetworkMapping(it) => network_mapping(out, it),
        Body::Job(it) => job(out, object, it),
    }
    common(out, object);
    lines.into_inner()
}

/// Id, name, description and lock stand last.
fn common(out: &mut Lines, object: &Object) {
    if out.switches.bracket_after_id {
        out.refer("Id", &object.id);
    } else {
        out.put("Id", &object.id);
    }
    out.put("Name", &object.name);
    let is_short = match object.kind() {
        Kind::VmDiskMapping => true,
        Kind::PhysicalDisk => out.switches.dialect < Dialect::V34,
        _ => false,
    };
    if is_short {
        return;
    }
    out.put("Description", &object.description);
    let locked = object.locked_by.is_some();
    match object.kind() {
        Kind::Job => {}
        _ if out.switches.locked_as_yes_no => out.flag("Locked", locked),
        _ => out.put("Locked", locked),
    }
    if out.switches.unknown_keys {
        out.put("Generation", 3);
        out.put("Event Severity", "Informational");
    }
}

fn manager(out: &mut Lines, object: &Object) {
    out.put("Manager UUID", &object.id);
    out.put("Manager Version", out.switches.dialect.version());
    out.put("Run State", "Running");
}

fn server_pool(out: &mut Lines, object: &Object, pool: &ServerPool) {
    out.flag("Cluster Enable", pool.clustered);
    let has_policies = out.switches.dialect > Dialect::V32;
    if pool.clustered && has_policies {
        out.put("Cluster Timeout", pool.cluster_timeout);
    }
    out.put("Keymap", &pool.keymap);
    out.constant("Vm Start Policy", &pool.start_policy);
    out.flag("Secure VM Migration", pool.migrate_ssl);
    if has_policies {
        out.put("Policy Mode", &pool.policy_mode);
        out.put("Policy Period", pool.policy_period);
        out.flag("Policy Cpu Enable", pool.policy_cpu);
        out.put("Policy Cpu Threshold", pool.policy_cpu_threshold);
    }
    out.put("Virtual Ip Address", &pool.virtual_ip);
    out.refer_if("Master Server", pool.master.as_deref());
    out.refer_if("Pool FileSystem", pool.pool_file_system.as_deref());
    out.refer_to("Server", &object.id, Kind::Server);
    out.refer_to("Anti Affinity Group", &object.id, Kind::AntiAffinityGroup);
    out.tags(&object.id);
}

fn server(out: &mut Lines, object: &Object, server: &Server) {
    let estate = out.estate;
    out.put("Status", "Running");
    out.flag("Maintenance Mode", server.maintenance);
    out.put("Ip Address", &server.ip_address);
    out.put("Host Name", &server.host_name);
    out.put("OVM Version", &server.version);
    out.put("Memory (MB)", server.memory);
    out.put("Usable Memory (MB)", server.memory.saturating_sub(4096));
    out.put("Processors", server.processors);
    out.put("Populated Processor Sockets", 2);
    out.put("Manufacturer", "HP");
    out.put("Product Name", "ProLiant DL380 Gen9");
    out.put("Serial Number", &server.serial_number);
    out.put("Server Ability 1", "Live Migrate");
    out.refer_if("Server Pool", server.pool.as_deref());
    let pool = server.pool.as_deref().and_then(|pool| estate.get::<ServerPool>(pool));
    out.flag(
        "Is Master",
        pool.is_some_and(|pool| pool.master.as_deref() == Some(&object.id)),
    );
    for (key, kind) in [
        ("Vm", Kind::Vm),
        ("Repository", Kind::Repository),
        ("Ethernet Port", Kind::Port),
        ("Bond Port", Kind::BondPort),
        ("Physical Disk", Kind::PhysicalDisk),
        ("Storage Initiator", Kind::StorageInitiator),
    ] {
        out.refer_to(key, &object.id, kind);
    }
    out.tags(&object.id);
}

fn tag(out: &mut Lines, tag: &Tag) {
    out.refer_all("Tagged Object", tag.members.iter().map(String::as_str));
}

fn group(out: &mut Lines, group: &AntiAffinityGroup) {
    out.refer("Server Pool", &group.pool);
    out.refer_all("Vm", group.vms.iter().map(String::as_str));
}

fn customizer(out: &mut Lines, object: &Object, customizer: &VmCloneCustomizer) {
    out.refer("Vm", &customizer.vm);
    out.refer_to("VmCloneStorageMapping", &object.id, Kind::VmCloneStorageMapping);
    out.refer_to("VmCloneNetworkMapping", &object.id, Kind::VmCloneNetworkMapping);
}

fn storage_mapping(out: &mut Lines, mapping: &StorageMapping) {
    out.constant("Clone Type", mapping.clone_type.constant());
    out.refer("VmDiskMapping", &mapping.mapping);
    let target = out.estate.objects.get(&mapping.target).map(Object::kind);
    let key = match target {
        Some(Kind::PhysicalDisk) => "Physical Disk",
        Some(Kind::StorageArray) => "Storage Array",
        _ => "Repository",
    };
    out.refer(key, &mapping.target);
    out.refer("VmCloneCustomizer", &mapping.customizer);
}

fn network_mapping(out: &mut Lines, mapping: &NetworkMapping) {
    out.refer("Vnic", &mapping.vnic);
    out.refer("Network", &mapping.network);
    out.refer("VmCloneCustomizer", &mapping.customizer);
}

fn job(out: &mut Lines, object: &Object, job: &Job) {
    let (run, summary) = match job.state {
        JobState::Running => ("Running", "In Progress"),
        JobState::Success => ("Success", "Success"),
        JobState::Failure => ("Failure", "Failed"),
        JobState::Aborted => ("Aborted", "Aborted"),
    };
    let time = |millis: u64| {
        let millis = i64::try_from(millis).unwrap_or_default();
        jiff::Timestamp::from_millisecond(millis).map(|time| time.strftime("%a %b %d %H:%M:%S UTC %Y").to_string())
    };
    out.put("Run State", run);
    out.put("Summary Done", if job.ended.is_some() { "Yes" } else { "No" });
    out.put("Summary State", summary);
    out.put("Start Time", time(job.started).unwrap_or_default());
    if let Some(ended) = job.ended {
        out.put("End Time", time(ended).unwrap_or_default());
    }
    out.put("Job Internal User", &job.user);
    out.put("Progress Message", format!("{}: {summary}", object.name));
    if !job.error.is_empty() {
        out.put("Error", &job.error);
    }
    out.refer_if("Result", job.result.as_deref());
}
