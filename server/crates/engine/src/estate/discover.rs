//! Discovery: the estate as the Manager describes it, by `list` and `show` alone. Several questions are under way at the
//! same time; an object that cannot be read becomes a problem of the estate and does not spoil the rest.

use super::{Reach, ReachError};
use futures::stream::{StreamExt, iter};
use ovm::estate::read::{self, ReadError, VmHead};
use ovm::estate::{DiskMapping, Estate, Problem, Repository, Vm, Vnic};
use ovm::ids::{MappingId, VmId, VnicId};
use ovm::ovmcli::answer::{Answer, Item};
use ovm::ovmcli::{Command, Selector};
use ssh::ovmcli::OvmcliError;

/// Questions under way at the same time. Each has a connection of its own: whether a Manager takes several commands on
/// one is not known.
const IN_FLIGHT: usize = 4;

/// Discovers the whole estate.
///
/// # Errors
/// [`ReachError`] when the Manager cannot be reached or refuses to list; single objects only become problems.
pub(crate) async fn discover(reach: &Reach) -> Result<Estate, ReachError> {
    let mut estate = Estate {
        version: version(reach).await?,
        ..Estate::default()
    };
    estate.manager_uuid = manager_uuid(reach).await;
    let problems = &mut estate.problems;
    estate.pools = objects(reach, "ServerPool", read::pool, problems).await?;
    estate.servers = objects(reach, "Server", read::server, problems).await?;
    estate.networks = objects(reach, "Network", read::network, problems).await?;
    estate.disks = objects(reach, "VirtualDisk", read::virtual_disk, problems).await?;
    estate.cdroms = objects(reach, "VirtualCdrom", read::cdrom, problems).await?;
    estate.physical_disks = objects(reach, "PhysicalDisk", read::physical_disk, problems).await?;
    let found = objects(reach, "Repository", read::repository, problems).await?;
    estate.repositories = iter(found)
        .map(|one| settle_kind(reach, one))
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    estate.vms = vms(reach, problems).await?;
    estate.sort();
    Ok(estate)
}

/// One machine with its disks, cards and `vm.cfg`, read anew. None when the Manager does not list it.
///
/// # Errors
/// [`ReachError`] when the Manager cannot be asked, or describes the machine in a way that cannot be read.
pub(crate) async fn read_vm(reach: &Reach, id: &VmId) -> Result<Option<Vm>, ReachError> {
    let items = reach.ask(&Command::of_type("list", "Vm")).await?.items;
    let Some(item) = items.into_iter().find(|item| item.id == id.as_str()) else {
        return Ok(None);
    };
    match vm(reach, &item).await {
        Ok(vm) => Ok(Some(vm)),
        Err(Unreadable::Reach(error)) => Err(error),
        Err(Unreadable::Read(error)) => Err(ReachError::Unreadable {
            command: format!("show Vm id={id}"),
            reason: error.to_string(),
        }),
    }
}

/// Why one object could not be read.
enum Unreadable {
    Reach(ReachError),
    Read(ReadError),
}

impl Unreadable {
    fn sentence(&self) -> String {
        match self {
            Self::Reach(error) => error.to_string(),
            Self::Read(error) => error.to_string(),
        }
    }
}

async fn version(reach: &Reach) -> Result<String, ReachError> {
    let answer = reach.ask(&Command::new("showversion")).await;
    let text = match answer {
        Ok(answer) => answer.text.join(" "),
        // A bare line without an envelope says neither success nor failure, and still holds the version.
        Err(ReachError::Ovmcli(OvmcliError::Unknown { raw, .. })) => raw,
        Err(error) => return Err(error),
    };
    let first = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    Ok(first.unwrap_or("unknown").to_owned())
}

async fn manager_uuid(reach: &Reach) -> Option<String> {
    let items = reach.ask(&Command::of_type("list", "Manager")).await.ok()?.items;
    items.into_iter().next().map(|item| item.id)
}

async fn objects<T>(
    reach: &Reach,
    object_type: &'static str,
    read: fn(&Item, &Answer) -> Result<T, ReadError>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let items = reach.ask(&Command::of_type("list", object_type)).await?.items;
    let shown = iter(items).map(|item| async move {
        let result = show(reach, object_type, &item).await;
        let result = result.and_then(|answer| read(&item, &answer).map_err(Unreadable::Read));
        (item, result)
    });
    let shown: Vec<_> = shown.buffered(IN_FLIGHT).collect().await;
    sort_out(object_type, shown, problems)
}

async fn vms(reach: &Reach, problems: &mut Vec<Problem>) -> Result<Vec<Vm>, ReachError> {
    let items = reach.ask(&Command::of_type("list", "Vm")).await?.items;
    let read = iter(items).map(|item| async move {
        let result = vm(reach, &item).await;
        (item, result)
    });
    let read: Vec<_> = read.buffered(IN_FLIGHT).collect().await;
    sort_out("Vm", read, problems)
}

/// A Manager that is lost in the middle spoils the discovery; an object that it does not show becomes a problem.
fn sort_out<T>(
    object_type: &str,
    results: Vec<(Item, Result<T, Unreadable>)>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let mut good = Vec::with_capacity(results.len());
    for (item, result) in results {
        match result {
            Ok(object) => good.push(object),
            Err(Unreadable::Reach(error)) if error.leaves_outcome_open() => return Err(error),
            Err(unreadable) => problems.push(Problem {
                object_type: object_type.to_owned(),
                id: item.id,
                name: item.name,
                reason: unreadable.sentence(),
            }),
        }
    }
    Ok(good)
}

async fn show(reach: &Reach, object_type: &str, item: &Item) -> Result<Answer, Unreadable> {
    reach
        .ask(&Command::on_id("show", object_type, &item.id))
        .await
        .map_err(Unreadable::Reach)
}

async fn vm(reach: &Reach, item: &Item) -> Result<Vm, Unreadable> {
    let answer = show(reach, "Vm", item).await?;
    let head = read::vm(item, &answer).map_err(Unreadable::Read)?;
    let mappings = mappings(reach, &head).await?;
    let vnics = vnics(reach, &head).await?;
    let vm_cfg = vm_cfg(reach, &head.vm.id).await?;
    Ok(Vm {
        vm_cfg,
        ..read::assemble(head, mappings, vnics)
    })
}

async fn mappings(reach: &Reach, head: &VmHead) -> Result<Vec<DiskMapping>, Unreadable> {
    let mut mappings = Vec::with_capacity(head.mapping_refs.len());
    for id in &head.mapping_refs {
        mappings.push(mapping(reach, id).await?);
    }
    Ok(mappings)
}

async fn mapping(reach: &Reach, id: &MappingId) -> Result<DiskMapping, Unreadable> {
    let item = unnamed(id.as_str());
    let answer = show(reach, "VmDiskMapping", &item).await?;
    read::disk_mapping(&item, &answer).map_err(Unreadable::Read)
}

async fn vnics(reach: &Reach, head: &VmHead) -> Result<Vec<Vnic>, Unreadable> {
    let mut vnics = Vec::with_capacity(head.vnic_refs.len());
    for id in &head.vnic_refs {
        vnics.push(vnic(reach, id).await?);
    }
    Ok(vnics)
}

async fn vnic(reach: &Reach, id: &VnicId) -> Result<Vnic, Unreadable> {
    let item = unnamed(id.as_str());
    let answer = show(reach, "Vnic", &item).await?;
    read::vnic(&item, &answer).map_err(Unreadable::Read)
}

/// `vm.cfg` is not printed by every version; its absence is not an error.
async fn vm_cfg(reach: &Reach, id: &VmId) -> Result<Option<String>, Unreadable> {
    match reach
        .ask(&Command::on_id("getVmCfgFileContent", "Vm", id.as_str()))
        .await
    {
        Ok(answer) => Ok(Some(answer.document()).filter(|text| !text.trim().is_empty())),
        Err(ReachError::Ovmcli(OvmcliError::Failed { .. })) => Ok(None),
        Err(error) => Err(Unreadable::Reach(error)),
    }
}

async fn settle_kind(reach: &Reach, repository: Repository) -> Repository {
    let Some(file_system) = repository.file_system.clone() else {
        return repository;
    };
    let shown = |object_type: &'static str, id: String| async move {
        let command = Command {
            selector: Some(Selector::Id(id)),
            ..Command::of_type("show", object_type)
        };
        reach.ask(&command).await.ok()
    };
    let file_system = shown("FileSystem", file_system.to_string()).await;
    let file_server = match file_system.as_ref().and_then(read::file_server_of) {
        Some(id) => shown("FileServer", id.to_string()).await,
        None => None,
    };
    read::settle_kind(repository, file_system.as_ref(), file_server.as_ref())
}

fn unnamed(id: &str) -> Item {
    Item {
        id: id.to_owned(),
        name: String::new(),
    }
}
