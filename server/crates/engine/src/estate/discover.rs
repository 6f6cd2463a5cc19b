//! Discovery: the estate as the Manager describes it, by `list` and `show` alone. Several requests are under way at
//! the same time, each with several questions; an object that cannot be read becomes a problem of the estate and does not spoil the rest.

use super::reach::TOGETHER;
use super::{Reach, ReachError};
use futures::stream::{StreamExt, iter};
use ovm::estate::read::{self, ReadError, VmHead};
use ovm::estate::{DiskMapping, Estate, Kind, Object, Problem, Vm, Vnic};
use ovm::ids::VmId;
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::{Answer, Item};
use ssh::ovmcli::OvmcliError;

/// Requests under way at the same time, each on a connection of its own that is used again for the next request:
/// whether a Manager takes several requests at once on one connection is not known.
pub const IN_FLIGHT: usize = 6;

/// Discovers the whole estate. Beside the estate itself, memory holds one list of a type and the answers under way.
///
/// # Errors
/// [`ReachError`] when the Manager cannot be reached or refuses to list what every version knows; single objects only
/// become problems.
pub(crate) async fn discover(reach: &Reach) -> Result<Estate, ReachError> {
    let mut estate = Estate {
        version: version(reach).await?,
        ..Estate::default()
    };
    let problems = &mut estate.problems;
    estate.pools = objects(reach, Kind::ServerPool, read::pool, problems).await?;
    estate.servers = objects(reach, Kind::Server, read::server, problems).await?;
    estate.networks = objects(reach, Kind::Network, read::network, problems).await?;
    estate.disks = objects(reach, Kind::VirtualDisk, read::virtual_disk, problems).await?;
    estate.cdroms = objects(reach, Kind::VirtualCdrom, read::cdrom, problems).await?;
    estate.physical_disks = objects(reach, Kind::PhysicalDisk, read::physical_disk, problems).await?;
    estate.repositories = objects(reach, Kind::Repository, read::repository, problems).await?;
    estate.vms = vms(reach, problems).await?;
    for (kind, _) in read::ALIKE {
        let read = move |item: &Item, answer: &Answer| read::object(kind, item, answer);
        // A version that does not know the type has none of them.
        match objects(reach, kind, read, problems).await {
            Ok(found) => estate.objects.extend(found),
            Err(error) if error.is_refusal() => {}
            Err(error) => return Err(error),
        }
    }
    estate.manager_uuid = manager_uuid(&estate);
    settle_kinds(reach, &mut estate).await;
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
    let read = read_vms(reach, vec![item]).await.pop();
    match read.map(|(_, vm)| vm).transpose() {
        Ok(vm) => Ok(vm),
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

impl From<ReachError> for Unreadable {
    fn from(error: ReachError) -> Self {
        Self::Reach(error)
    }
}

impl From<ReadError> for Unreadable {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
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

fn manager_uuid(estate: &Estate) -> Option<String> {
    let manager = estate.objects(Kind::Manager).next()?;
    let uuid = manager.attribute("Manager UUID").unwrap_or(&manager.id);
    Some(uuid.to_owned())
}

async fn objects<T>(
    reach: &Reach,
    kind: Kind,
    read: impl Fn(&Item, &Answer) -> Result<T, ReadError> + Copy,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let read_all = |items: Vec<Item>| async move {
        let questions: Vec<_> = items.iter().map(|item| to_show(kind, &item.id)).collect();
        let answers = reach.ask_together(&questions).await;
        let read = |(item, answer): (Item, Result<Answer, ReachError>)| {
            let result = answer.map_err(Unreadable::from);
            let result = result.and_then(|answer| Ok(read(&item, &answer)?));
            (item, result)
        };
        items.into_iter().zip(answers).map(read).collect()
    };
    listed(reach, kind, read_all, problems).await
}

async fn vms(reach: &Reach, problems: &mut Vec<Problem>) -> Result<Vec<Vm>, ReachError> {
    listed(reach, Kind::Vm, |items| read_vms(reach, items), problems).await
}

/// What came of reading a few objects.
type Read<T> = Vec<(Item, Result<T, Unreadable>)>;

/// Lists a type and reads what is listed, several requests under way, several objects in each. A Manager that is lost in
/// the middle spoils the discovery, at once; an object that it does not show becomes a problem.
async fn listed<T, F: Future<Output = Read<T>>>(
    reach: &Reach,
    kind: Kind,
    read: impl Fn(Vec<Item>) -> F,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let items = reach.ask(&Command::of_type("list", kind.type_name())).await?.items;
    let some: Vec<Vec<Item>> = items.chunks(TOGETHER).map(<[Item]>::to_vec).collect();
    let mut read = iter(some).map(read).buffered(IN_FLIGHT);
    let mut good = Vec::with_capacity(items.len());
    while let Some(results) = read.next().await {
        sort_out(kind, results, &mut good, problems)?;
    }
    Ok(good)
}

fn sort_out<T>(kind: Kind, results: Read<T>, good: &mut Vec<T>, problems: &mut Vec<Problem>) -> Result<(), ReachError> {
    for (item, result) in results {
        match result {
            Ok(object) => good.push(object),
            Err(Unreadable::Reach(error)) if error.leaves_outcome_open() => return Err(error),
            Err(unreadable) => problems.push(Problem {
                object_type: kind.type_name().to_owned(),
                id: item.id,
                name: item.name,
                reason: unreadable.sentence(),
            }),
        }
    }
    Ok(())
}

fn to_show(kind: Kind, id: &str) -> Command {
    Command::on_id("show", kind.type_name(), id)
}

/// Machines with their disks, cards and `vm.cfg`: first all machines, then all of their parts.
async fn read_vms(reach: &Reach, items: Vec<Item>) -> Read<Vm> {
    let questions: Vec<_> = items.iter().map(|item| to_show(Kind::Vm, &item.id)).collect();
    let answers = reach.ask_together(&questions).await;
    let head = |(item, answer): (&Item, Result<Answer, ReachError>)| Ok(read::vm(item, &answer?)?);
    let heads: Vec<Result<VmHead, Unreadable>> = items.iter().zip(answers).map(head).collect();
    let questions: Vec<_> = heads.iter().flatten().flat_map(about_parts).collect();
    let mut answers = reach.ask_together(&questions).await.into_iter();
    let mut whole = |head: VmHead| {
        let parts = about_parts(&head).len();
        assembled(head, answers.by_ref().take(parts).collect())
    };
    let heads = items.into_iter().zip(heads);
    heads.map(|(item, head)| (item, head.and_then(&mut whole))).collect()
}

/// What to ask about a machine beside itself: its disk mappings, its network cards, its `vm.cfg`.
fn about_parts(head: &VmHead) -> Vec<Command> {
    let mappings = head
        .mapping_refs
        .iter()
        .map(|id| to_show(Kind::VmDiskMapping, id.as_str()));
    let vnics = head.vnic_refs.iter().map(|id| to_show(Kind::Vnic, id.as_str()));
    let vm_cfg = Command::on_id("getVmCfgFileContent", "Vm", head.vm.id.as_str());
    mappings.chain(vnics).chain([vm_cfg]).collect()
}

/// A machine from the answers to [`about_parts`].
fn assembled(head: VmHead, answers: Vec<Result<Answer, ReachError>>) -> Result<Vm, Unreadable> {
    let mut answers = answers.into_iter();
    let mappings = head.mapping_refs.iter().zip(answers.by_ref());
    let mappings: Vec<DiskMapping> = mappings
        .map(|(id, answer)| Ok(read::disk_mapping(&unnamed(id.as_str()), &answer?)?))
        .collect::<Result<_, Unreadable>>()?;
    let vnics = head.vnic_refs.iter().zip(answers.by_ref());
    let vnics: Vec<Vnic> = vnics
        .map(|(id, answer)| Ok(read::vnic(&unnamed(id.as_str()), &answer?)?))
        .collect::<Result<_, Unreadable>>()?;
    let vm_cfg = answers.next().map(vm_cfg).transpose()?.flatten();
    Ok(Vm {
        vm_cfg,
        ..read::assemble(head, mappings, vnics)
    })
}

/// `vm.cfg` is not printed by every version; its absence is not an error.
fn vm_cfg(answer: Result<Answer, ReachError>) -> Result<Option<String>, Unreadable> {
    match answer {
        Ok(answer) => Ok(Some(answer.document()).filter(|text| !text.trim().is_empty())),
        Err(ReachError::Ovmcli(OvmcliError::Failed { .. })) => Ok(None),
        Err(error) => Err(Unreadable::Reach(error)),
    }
}

/// Tells OCFS2 from NFS. A version that does not list file systems may still show the one of a repository.
async fn settle_kinds(reach: &Reach, estate: &mut Estate) {
    for repository in std::mem::take(&mut estate.repositories) {
        let file_system = match &repository.file_system {
            Some(id) => known_or_shown(reach, &mut estate.objects, Kind::FileSystem, id.as_str()).await,
            None => None,
        };
        let file_server = match file_system.as_ref().and_then(|system| system.link(Kind::FileServer)) {
            Some(id) => known_or_shown(reach, &mut estate.objects, Kind::FileServer, id).await,
            None => None,
        };
        let settled = read::settle_kind(repository, file_system.as_ref(), file_server.as_ref());
        estate.repositories.push(settled);
    }
}

async fn known_or_shown(reach: &Reach, objects: &mut Vec<Object>, kind: Kind, id: &str) -> Option<Object> {
    if let Some(known) = objects.iter().find(|object| object.kind == kind && object.id == id) {
        return Some(known.clone());
    }
    let item = unnamed(id);
    let answer = reach.ask(&to_show(kind, id)).await.ok()?;
    let object = read::object(kind, &item, &answer).ok()?;
    objects.push(object.clone());
    Some(object)
}

fn unnamed(id: &str) -> Item {
    Item {
        id: id.to_owned(),
        name: String::new(),
    }
}
