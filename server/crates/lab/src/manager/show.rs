//! The properties of each object, with the keys of version 3.4. Which keys are certain, and which are guessed from the
//! public object model, is said in the reference on the command line; clients must live with both.

use super::{show_storage, show_vm};
use crate::model::{
    Body, Estate, Job, JobState, Kind, Network, Object, Payload, Repository, Server, ServerPool, StorageMapping, Tag,
    Vm, VmCloneCustomizer, Vnic,
};
use crate::switches::{Booleans, Switches};

const GIB: f64 = 1_073_741_824.0;

/// Collects `key = value` lines.
pub(super) struct Lines<'a> {
    pub estate: &'a Estate,
    switches: &'a Switches,
    lines: Vec<(String, String)>,
}

impl Lines<'_> {
    /// A plain value.
    pub fn put(&mut self, key: &str, value: impl ToString) {
        self.lines.push((key.to_owned(), value.to_string()));
    }

    /// A boolean in the spelling that the switches give.
    pub fn flag(&mut self, key: &str, value: bool) {
        let word = match (value, self.switches.booleans) {
            (true, Booleans::YesNo) => "Yes",
            (false, Booleans::YesNo) => "No",
            (true, Booleans::LowerCase) => "yes",
            (false, Booleans::LowerCase) => "no",
        };
        self.put(key, word);
    }

    /// `id  [name]`.
    pub fn refer(&mut self, key: &str, id: &str) {
        let value = format!("{id}  [{}]", self.estate.name_of(id));
        self.put(key, value);
    }

    /// `id  [name]` when there is one.
    pub fn refer_if(&mut self, key: &str, id: Option<&str>) {
        if let Some(id) = id {
            self.refer(key, id);
        }
    }

    /// `Key 1 = id  [name]` and so on.
    pub fn refer_all<'i>(&mut self, key: &str, ids: impl IntoIterator<Item = &'i str>) {
        for (number, id) in (1..).zip(ids) {
            self.refer(&format!("{key} {number}"), id);
        }
    }

    /// A size in GiB with one decimal.
    pub fn gib(&mut self, key: &str, bytes: u64) {
        // Sizes of disks lose nothing in a double.
        #[expect(clippy::cast_precision_loss, reason = "one decimal is printed")]
        let size = bytes as f64 / GIB;
        self.put(key, format!("{size:.1}"));
    }
}

/// A constant in words: `USE_POOL_POLICY` becomes `Use Pool Policy`.
pub(super) fn words(constant: &str) -> String {
    let word = |word: &str| match word {
        "OS" | "PS2" | "USB" | "PXE" => word.to_owned(),
        _ => word
            .chars()
            .take(1)
            .chain(word.to_ascii_lowercase().chars().skip(1))
            .collect(),
    };
    constant.split('_').map(word).collect::<Vec<String>>().join(" ")
}

/// What `show` prints for an object.
pub(super) fn properties(estate: &Estate, object: &Object, switches: &Switches) -> Vec<(String, String)> {
    let mut lines = Lines {
        estate,
        switches,
        lines: Vec::new(),
    };
    let out = &mut lines;
    match &object.body {
        Body::Manager => manager(out, object, switches),
        Body::ServerPool(pool) => server_pool(out, object, pool),
        Body::Server(it) => server(out, object, it),
        Body::Network(it) => network(out, it),
        Body::FileServer(it) => show_storage::file_server(out, object, it),
        Body::FileSystem(it) => show_storage::file_system(out, object, it),
        Body::Repository(it) => show_storage::repository(out, object, it),
        Body::PhysicalDisk(it) => show_storage::physical_disk(out, object, it),
        Body::VirtualDisk(it) => show_storage::virtual_disk(out, object, it),
        Body::VirtualCdrom(it) => show_storage::virtual_cdrom(out, object, it),
        Body::Vm(it) => show_vm::vm(out, object, it),
        Body::VmDiskMapping(it) => show_storage::mapping(out, it),
        Body::Vnic(it) => vnic(out, it),
        Body::Tag(it) => tag(out, it),
        Body::VmCloneCustomizer(it) => customizer(out, object, it),
        Body::VmCloneStorageMapping(it) => storage_mapping(out, it),
        Body::Job(it) => job(out, object, it),
    }
    common(out, object, switches);
    lines.lines
}

/// Id, name, description and lock stand last.
fn common(out: &mut Lines, object: &Object, switches: &Switches) {
    if switches.bracket_after_id {
        out.refer("Id", &object.id);
    } else {
        out.put("Id", &object.id);
    }
    out.put("Name", &object.name);
    if object.kind() == Kind::VmDiskMapping {
        return;
    }
    out.put("Description", &object.description);
    if object.kind() != Kind::Job {
        out.put("Locked", object.locked_by.is_some());
    }
}

fn manager(out: &mut Lines, object: &Object, switches: &Switches) {
    out.put("Manager UUID", &object.id);
    out.put("Manager Version", switches.dialect.version());
    out.put("Run State", "Running");
}

fn server_pool(out: &mut Lines, object: &Object, pool: &ServerPool) {
    let servers = ids::<Server>(out.estate, |server| server.pool == object.id);
    out.flag("Cluster Enable", true);
    out.put("Keymap", "en-us");
    out.put("Vm Start Policy", "Balance Server");
    out.flag("Secure VM Migration", false);
    out.put("Virtual Ip Address", &pool.virtual_ip);
    out.refer("Master Server", &pool.master);
    out.refer("Pool FileSystem", &pool.pool_file_system);
    out.refer_all("Server", servers.iter().map(String::as_str));
    tags(out, &object.id);
}

fn server(out: &mut Lines, object: &Object, server: &Server) {
    let estate = out.estate;
    out.put("Status", "Running");
    out.flag("Maintenance Mode", false);
    out.put("Ip Address", &server.ip_address);
    out.put("Host Name", &object.name);
    out.put("OVM Version", "3.4.6-2105");
    out.put("Memory (MB)", server.memory);
    out.put("Usable Memory (MB)", server.memory - 4096);
    out.put("Processors", server.processors);
    out.put("Populated Processor Sockets", 2);
    out.put("Manufacturer", "HP");
    out.put("Product Name", "ProLiant DL380 Gen9");
    out.put("Serial Number", &server.serial_number);
    out.put("Server Ability 1", "Live Migrate");
    out.refer("Server Pool", &server.pool);
    out.flag(
        "Is Master",
        estate
            .get::<ServerPool>(&server.pool)
            .is_some_and(|pool| pool.master == object.id),
    );
    let vms = ids::<Vm>(estate, |vm| vm.server.as_deref() == Some(&object.id));
    out.refer_all("Vm", vms.iter().map(String::as_str));
    let repositories = ids::<Repository>(estate, |repository| repository.presented.contains(&object.id));
    out.refer_all("Repository", repositories.iter().map(String::as_str));
    tags(out, &object.id);
}

fn network(out: &mut Lines, network: &Network) {
    for (number, role) in (1..).zip(&network.roles) {
        // Roles keep their underscores.
        out.put(&format!("Role {number}"), words(role).replace(' ', "_"));
    }
}

fn vnic(out: &mut Lines, vnic: &Vnic) {
    out.put("Mac Address", &vnic.mac);
    out.refer("Network", &vnic.network);
    out.refer_if("Vm", vnic.vm.as_deref());
}

fn tag(out: &mut Lines, tag: &Tag) {
    out.refer_all("Tagged Object", tag.members.iter().map(String::as_str));
}

fn customizer(out: &mut Lines, object: &Object, customizer: &VmCloneCustomizer) {
    let mappings = ids::<StorageMapping>(out.estate, |mapping| mapping.customizer == object.id);
    out.refer("Vm", &customizer.vm);
    out.refer_all("VmCloneStorageMapping", mappings.iter().map(String::as_str));
}

fn storage_mapping(out: &mut Lines, mapping: &StorageMapping) {
    out.put("Clone Type", mapping.clone_type.words());
    out.refer("VmDiskMapping", &mapping.mapping);
    out.refer("Repository", &mapping.repository);
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

/// The tags that an object carries.
pub(super) fn tags(out: &mut Lines, id: &str) {
    let tags = ids::<Tag>(out.estate, |tag| tag.members.iter().any(|member| member == id));
    out.refer_all("Tag", tags.iter().map(String::as_str));
}

/// Ids of the objects of a type that `keep` keeps.
pub(super) fn ids<T: Payload>(estate: &Estate, keep: impl Fn(&T) -> bool) -> Vec<String> {
    estate
        .all::<T>()
        .filter(|(_, body)| keep(body))
        .map(|(object, _)| object.id.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn constants_become_words() {
        assert_eq!(words("USE_POOL_POLICY"), "Use Pool Policy");
        assert_eq!(words("OS_DEFAULT"), "OS Default");
        assert_eq!(words("DISK"), "Disk");
    }
}
