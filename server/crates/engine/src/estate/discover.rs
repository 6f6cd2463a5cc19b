//! Discovery: the estate as the Manager describes it, by `list` and `show` alone. Several requests are under way at
//! the same time, each with several questions; an object that cannot be read becomes a problem of the estate and does
//! not spoil the rest.

use super::reach::{IN_FLIGHT, TOGETHER};
use super::{Reach, ReachError};
use futures::stream::{StreamExt, iter};
use ovm::estate::read::{self, ReadError, VmHead};
use ovm::estate::{DiskMapping, Estate, Kind, Object, Problem, Vm, VmState, Vnic, attribute};
use ovm::ids::{RepositoryId, ServerId, VmId};
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::{Answer, Item};
use ovm::shell::Shell;
use ssh::ovmcli::OvmcliError;

/// What the Manager prints before it takes a command.
const PROMPT: &str = "OVM>";

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
    let version = estate.release().version;
    let problems = &mut estate.problems;
    estate.pools = objects(reach, Kind::ServerPool.type_name(), read::pool, problems).await?;
    estate.servers = objects(reach, Kind::Server.type_name(), read::server, problems).await?;
    estate.networks = objects(reach, Kind::Network.type_name(), read::network, problems).await?;
    estate.disks = objects(reach, Kind::VirtualDisk.type_name(), read::virtual_disk, problems).await?;
    estate.cdroms = objects(reach, Kind::VirtualCdrom.type_name(), read::cdrom, problems).await?;
    estate.physical_disks = objects(reach, Kind::PhysicalDisk.type_name(), read::physical_disk, problems).await?;
    estate.repositories = objects(reach, Kind::Repository.type_name(), read::repository, problems).await?;
    estate.vms = vms(reach, problems).await?;
    for (kind, _) in read::ALIKE {
        let Some(object_type) = kind.type_in(version) else {
            continue;
        };
        let read = move |item: &Item, answer: &Answer| read::object(kind, item, answer);
        // A Manager that does not know the type after all has none of them.
        match objects(reach, object_type, read, problems).await {
            Ok(found) => estate.objects.extend(found),
            Err(error) if error.is_refusal() => {}
            Err(error) => return Err(error),
        }
    }
    estate.manager_uuid = manager_uuid(&estate);
    if !estate.release().prints_vm_cfg() {
        read_vm_cfgs(reach, &mut estate).await;
    }
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
    let read = read_vms(reach, vec![item]).await?.pop();
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

/// A release that does not show itself puts its UUID on the repositories that it owns.
fn manager_uuid(estate: &Estate) -> Option<String> {
    const KEY: &str = "Manager UUID";
    let own = estate.objects(Kind::Manager).next();
    let own = own.map(|manager| manager.attribute(KEY).unwrap_or(&manager.id));
    let mut owned = estate.repositories.iter();
    own.or_else(|| owned.find_map(|repository| attribute(&repository.other, KEY)))
        .map(str::to_owned)
}

/// The definitions of all machines from their repositories, for a Manager that does not print them: through any server
/// that can be reached. A server that is lost on the way is not asked again.
async fn read_vm_cfgs(reach: &Reach, estate: &mut Estate) {
    let servers: Vec<_> = estate.servers.iter().map(|server| server.id.clone()).collect();
    for server in servers {
        let presented = |id: &RepositoryId| {
            let repository = estate.repositories.iter().find(|repository| repository.id == *id);
            repository.is_some_and(|repository| repository.presented_to.contains(&server))
        };
        for vm in estate.vms.iter_mut().filter(|vm| vm.vm_cfg.is_none()) {
            let Some(repository) = vm.repository.as_ref().filter(|id| presented(id)) else {
                continue;
            };
            let path = repository.vm_cfg_path(&vm.id, vm.state == VmState::Template);
            match read_vm_cfg(reach, &server, &path).await {
                Ok(text) => vm.vm_cfg = text,
                Err(_) => break,
            }
        }
    }
}

/// A definition as a file on a server; none when it cannot be read there.
///
/// # Errors
/// [`ReachError`] when the server cannot be reached.
pub(crate) async fn read_vm_cfg(reach: &Reach, server: &ServerId, path: &str) -> Result<Option<String>, ReachError> {
    let output = reach.shell_output(server, &Shell::one(["cat", path])).await?;
    let text = output
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned());
    Ok(text.filter(|text| !text.trim().is_empty()))
}

async fn objects<T>(
    reach: &Reach,
    object_type: &str,
    read: impl Fn(&Item, &Answer) -> Result<T, ReadError> + Copy,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let read_all = |items: Vec<Item>| async move {
        let questions: Vec<_> = items.iter().map(|item| to_show(object_type, &item.id)).collect();
        let answers = reach.ask_together(&questions).await?;
        let read = |(item, answer): (Item, Result<Answer, ReachError>)| {
            let result = answer.map_err(Unreadable::from);
            let result = result.and_then(|answer| Ok(read(&item, &answer)?));
            (item, result)
        };
        Ok(items.into_iter().zip(answers).map(read).collect())
    };
    listed(reach, object_type, read_all, problems).await
}

async fn vms(reach: &Reach, problems: &mut Vec<Problem>) -> Result<Vec<Vm>, ReachError> {
    let object_type = Kind::Vm.type_name();
    listed(reach, object_type, |items| read_vms(reach, items), problems).await
}

/// What came of reading a few objects.
type Read<T> = Vec<(Item, Result<T, Unreadable>)>;

/// Lists a type and reads what is listed, several requests under way, several objects in each. A Manager that is lost in
/// the middle spoils the discovery, at once; an object that it does not show becomes a problem.
async fn listed<T, F: Future<Output = Result<Read<T>, ReachError>>>(
    reach: &Reach,
    object_type: &str,
    read: impl Fn(Vec<Item>) -> F,
    problems: &mut Vec<Problem>,
) -> Result<Vec<T>, ReachError> {
    let items = reach.ask(&Command::of_type("list", object_type)).await?.items;
    let some: Vec<Vec<Item>> = items.chunks(TOGETHER).map(<[Item]>::to_vec).collect();
    let mut read = iter(some).map(read).buffered(IN_FLIGHT);
    let mut good = Vec::with_capacity(items.len());
    while let Some(results) = read.next().await {
        sort_out(object_type, results?, &mut good, problems)?;
    }
    Ok(good)
}

fn sort_out<T>(
    object_type: &str,
    results: Read<T>,
    good: &mut Vec<T>,
    problems: &mut Vec<Problem>,
) -> Result<(), ReachError> {
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
    Ok(())
}

fn to_show(object_type: &str, id: &str) -> Command {
    Command::on_id("show", object_type, id)
}

/// Machines with their disks, cards and `vm.cfg`: first all machines, then all of their parts.
async fn read_vms(reach: &Reach, items: Vec<Item>) -> Result<Read<Vm>, ReachError> {
    let questions: Vec<_> = items
        .iter()
        .map(|item| to_show(Kind::Vm.type_name(), &item.id))
        .collect();
    let answers = reach.ask_together(&questions).await?;
    let head = |(item, answer): (&Item, Result<Answer, ReachError>)| Ok(read::vm(item, &answer?)?);
    let heads: Vec<Result<VmHead, Unreadable>> = items.iter().zip(answers).map(head).collect();
    let questions: Vec<_> = heads.iter().flatten().flat_map(about_parts).collect();
    let mut answers = reach.ask_together(&questions).await?.into_iter();
    let mut whole = |head: VmHead| {
        let parts = about_parts(&head).len();
        assembled(head, answers.by_ref().take(parts).collect())
    };
    let heads = items.into_iter().zip(heads);
    Ok(heads.map(|(item, head)| (item, head.and_then(&mut whole))).collect())
}

/// What to ask about a machine beside itself: its disk mappings, its network cards, its `vm.cfg`.
fn about_parts(head: &VmHead) -> Vec<Command> {
    let mappings = head
        .mapping_refs
        .iter()
        .map(|id| to_show(Kind::VmDiskMapping.type_name(), id.as_str()));
    let vnics = head
        .vnic_refs
        .iter()
        .map(|id| to_show(Kind::Vnic.type_name(), id.as_str()));
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

/// `vm.cfg` is not printed by every version; its absence is not an error. One without an envelope is known by its lines.
fn vm_cfg(answer: Result<Answer, ReachError>) -> Result<Option<String>, Unreadable> {
    match answer {
        Ok(answer) => Ok(Some(answer.document()).filter(|text| !text.trim().is_empty())),
        Err(ReachError::Ovmcli(OvmcliError::Failed { .. })) => Ok(None),
        Err(ReachError::Ovmcli(OvmcliError::Unknown { raw, .. })) => Ok(bare_vm_cfg(&raw)),
        Err(error) => Err(Unreadable::Reach(error)),
    }
}

/// The output without the prompts of the Manager, when it assigns values as `vm.cfg` does; anything else is an error text.
fn bare_vm_cfg(output: &str) -> Option<String> {
    let lines = output.lines().filter(|line| !line.trim_start().starts_with(PROMPT));
    let assigns = |line: &&str| {
        let word =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        line.split_once('=').is_some_and(|(name, _)| word(name.trim_end()))
    };
    lines
        .clone()
        .any(|line| assigns(&line))
        .then(|| lines.map(|line| format!("{line}\n")).collect())
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
    let answer = reach.ask(&to_show(kind.type_name(), id)).await.ok()?;
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

#[cfg(test)]
mod tests {
    use super::bare_vm_cfg;

    #[test]
    fn a_definition_without_an_envelope_is_told_from_an_error() {
        let printed =
            "OVM> getVmCfgFileContent Vm id=1\nname = 'web01'\ndisk = ['file:/a,xvda,w']\nOVM> Connection closed.\n";
        assert_eq!(
            bare_vm_cfg(printed).as_deref(),
            Some("name = 'web01'\ndisk = ['file:/a,xvda,w']\n")
        );
        assert_eq!(
            bare_vm_cfg("OVM> getVmCfgFileContent Vm\nInvalid command: id= is missing\nOVM> "),
            None
        );
        assert_eq!(bare_vm_cfg(""), None);
    }
}
