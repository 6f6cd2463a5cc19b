//! What a person is told of a task: what to do, where, what to know first, what to see afterwards.

use crate::handbook::Disaster;
use crate::plan::Task;
use crate::words::size;

/// A phrase.
pub(in crate::say) fn title(task: &Task) -> String {
    match task {
        Task::OpenTarget => "Make the backup target accessible".into(),
        Task::InstallServers => "Install the servers and connect their storage".into(),
        Task::InstallManager { .. } => "Install the same version of the Manager, with the old UUID".into(),
        Task::RestoreManagerDatabase => "Restore its database, if you have a backup of it".into(),
        Task::DiscoverServers => "Discover the servers".into(),
        Task::RefreshStorage => "Refresh storage, then file systems, then storage repositories".into(),
        Task::CompareInventory { .. } => "Compare with the inventory".into(),
        Task::RestoreManagersOwn => "Restore what only the Manager knew".into(),
        Task::EnrolAgain { .. } => "Re-enrol it in Holdfast".into(),
        Task::SendScript { file, .. } => format!("Send {file}"),
        Task::CreateVm { .. } => "Create the VM by hand".into(),
        Task::CreateEstate { .. } => "Rebuild the estate by hand".into(),
        Task::RestoreVms { .. } => "Restore the disks, VM by VM".into(),
        Task::CheckNotRunning { .. } => "Check that it is not running anywhere".into(),
        Task::RestoreContents {
            slot, name, size_bytes, ..
        } => format!("Restore the contents of slot {slot}: {name}, {}", size(*size_bytes)),
        Task::FindContents => "Find another source for its disks".into(),
        Task::StartVm => "Start the VM".into(),
    }
}

pub(in crate::say) fn place(task: &Task) -> String {
    match task {
        Task::OpenTarget => "any computer with restic 0.14 or newer",
        Task::InstallServers => "the hardware",
        Task::InstallManager { .. } | Task::RestoreManagerDatabase => "the new Manager host",
        Task::DiscoverServers
        | Task::RefreshStorage
        | Task::RestoreManagersOwn
        | Task::CreateVm { .. }
        | Task::CreateEstate { .. }
        | Task::StartVm => "the Manager",
        Task::CompareInventory { .. } => "the Manager, and this handbook",
        Task::EnrolAgain { .. } => "Holdfast",
        Task::SendScript { .. } => "a shell in the folder of this handbook",
        Task::RestoreVms { .. } => "see the chapter of each VM",
        Task::CheckNotRunning { .. } => "the Manager, then every server of its pool",
        Task::RestoreContents { .. } => "the Manager, then the host with the backup target",
        Task::FindContents => "outside Holdfast",
    }
    .into()
}

/// Sentences.
pub(in crate::say) fn advice(task: &Task) -> String {
    match task {
        Task::OpenTarget => "It is an ordinary restic repository. Its password is the configuration value \
            backup_target_password of Holdfast, or the file backup-target.password in its data folder if Holdfast \
            generated it. Keep a copy of it apart from the backup target."
            .into(),
        Task::InstallServers => "Use the versions, names and management addresses in the tables. LUNs must have the \
            WWIDs in the tables: binary files of the cluster refer to them. Where that is impossible, the script \
            recreates the storage repositories on them, under the new names of the LUNs."
            .into(),
        Task::InstallManager { version, host, uuid } => {
            format!(
                "Version {version}, on a host with the address {host}. {}",
                of_uuid(uuid.as_deref())
            )
        }
        Task::RestoreManagerDatabase => "The Manager keeps backups in /u01/app/oracle/mysql/dbbackup unless DBBACKUP \
            in /etc/sysconfig/ovmm says otherwise. With a backup, only the two steps after the next one are still \
            needed; without one, continue with the next step."
            .into(),
        Task::DiscoverServers => "Pools, networks and VMs are read from the servers. Replace each placeholder with \
            the password of that server’s agent."
            .into(),
        Task::RefreshStorage => {
            "Refresh them one by one: refreshAll leaves out file systems that this Manager has never refreshed.".into()
        }
        Task::CompareInventory { .. } => {
            "Only newer versions read the names of disks from the storage repositories; older ones show IDs.".into()
        }
        Task::RestoreManagersOwn => "Tags, anti-affinity groups, users and jobs are not stored on the servers. The \
            commands for tags and groups are at the end of the estate’s rebuild script: send only those lines."
            .into(),
        Task::EnrolAgain { fingerprint } => format!(
            "The new Manager presents a host key other than {fingerprint}. Holdfast does not use it until an \
             administrator has compared the new key."
        ),
        Task::SendScript { sender, .. } => format!(
            "The .txt file beside it explains each line. {sender} sends the lines one by one. It stops at a line with \
             a placeholder like ${{PASSWORD_OF_...}} or ${{NAME_OF_LUN_...}}, whose value only you know: the name of \
             a LUN is what `show PhysicalDisk` on the new Manager prints for its WWID. Put the value into the file \
             and run the script again with the number of that line as the last argument. It also stops at the first \
             line that does not succeed."
        ),
        Task::CreateVm { why } => format!("There is no rebuild script for it: {why}"),
        Task::CreateEstate { why } => format!("There is no rebuild script for the estate: {why}"),
        Task::RestoreVms { order } => format!(
            "The VMs exist again, with empty disks. Follow the steps that restore their contents and start them, in \
             this order: {}.",
            order.join(", ")
        ),
        Task::CheckNotRunning { vm } => format!(
            "Its ID was {vm}. Delete what is left of it in the Manager before you rebuild it; set its disk files \
             aside until the end."
        ),
        Task::RestoreContents { path, .. } => format!(
            "The first line, sent to the Manager, shows the ID of the new disk and of its storage repository. {path} \
             is /OVS/Repositories/, the ID of the storage repository, /VirtualDisks/, the ID of the disk. restic asks \
             for the password of the backup target, or reads it from RESTIC_PASSWORD_FILE. The last line prints the \
             SHA-256 of the new file."
        ),
        Task::FindContents => "There is no usable recovery point of this VM: the rebuilt disks are empty.".into(),
        Task::StartVm => {
            "First compare slots, sizes, network cards and MAC addresses with the tables in this handbook.".into()
        }
    }
}

fn of_uuid(uuid: Option<&str>) -> &'static str {
    match uuid {
        Some(_) => "With the old UUID it still owns its servers and storage repositories.",
        None => {
            "Its UUID is not known here: read it on any server with `ovs-agent-db read_item server manager_uuid`, or \
             in the file .ovsrepo of a storage repository."
        }
    }
}

/// A sentence.
pub(in crate::say) fn sight(task: &Task) -> Option<String> {
    Some(match task {
        Task::OpenTarget => "The list shows the IDs in the tables, and the check finds no errors.".into(),
        Task::InstallServers => "Every server answers and shows the LUNs in the table.".into(),
        Task::InstallManager { uuid, .. } => format!(
            "/u01/app/oracle/ovm-manager-3/.config holds UUID={}.",
            uuid.as_deref().unwrap_or("followed by the old value")
        ),
        Task::RestoreManagerDatabase => "You can log in to the command line of the Manager.".into(),
        Task::DiscoverServers => {
            "Each answer says `Status: Success`, and `list Server` shows every server in the table.".into()
        }
        Task::RefreshStorage => "`list Repository` shows every storage repository in the table.".into(),
        Task::CompareInventory {
            servers,
            repositories,
            networks,
            vms,
            physical_disks,
        } => format!(
            "{servers} servers, {repositories} storage repositories, {networks} networks, {vms} VMs and templates, \
             {physical_disks} physical disks, with the IDs and WWIDs in the tables."
        ),
        Task::RestoreManagersOwn => "Tags and groups match the inventory.".into(),
        Task::EnrolAgain { .. } => {
            "The estate is discovered, and it differs from the last revision only as expected.".into()
        }
        Task::SendScript { .. } => "Every answer says `Status: Success`.".into(),
        Task::CreateVm { .. } => "The Manager shows the VM with the values on its page in this handbook.".into(),
        Task::CreateEstate { .. } => "Everything in the inventory of this handbook exists again.".into(),
        Task::RestoreVms { .. } => "Each VM is running and its service answers before you begin with the next.".into(),
        Task::CheckNotRunning { vm } => format!("No list shows {vm}."),
        Task::RestoreContents { .. } => return None,
        Task::FindContents => "The disks hold what the VM needs.".into(),
        Task::StartVm => "The Manager shows the VM running, and its service answers.".into(),
    })
}

/// A title.
pub(in crate::say) fn disaster(disaster: &Disaster) -> String {
    match disaster {
        Disaster::Vm { name } => format!("{name} is lost"),
        Disaster::Manager => "The Manager is lost".into(),
        Disaster::Everything => "Everything is lost".into(),
    }
}

/// When the procedure is the right one, sentences.
pub(in crate::say) fn when(disaster: &Disaster) -> String {
    match disaster {
        Disaster::Vm { .. } => {
            "The Manager no longer lists the VM, or its disk files are gone or damaged. If only the contents are \
             wrong, use an in-place restore with Holdfast instead: that can be rolled back."
        }
        Disaster::Manager => {
            "Its host or its database is gone. The VMs keep running: do not restart servers, and do not let anyone \
             take ownership of them for another Manager."
        }
        Disaster::Everything => {
            "The data centre is gone. You need this handbook, a copy of the backup target with its password, hardware, \
             installation media for the versions in the tables, and stock restic."
        }
    }
    .into()
}
