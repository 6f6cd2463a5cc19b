//! Addresses of pages. Ids are opaque, so every part of a path is percent-encoded here and nowhere else.

use domain::audit::AuditSubject;
use domain::document::PlanForm;
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId};
use domain::plan::PlanHash;
use domain::point::Artefact;
use domain::subject::{Object, SubjectRef};
use ovm::estate::Kind;
use ovm::ids::{ServerId, VmId};
use ovm::script::Scope;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 calls unreserved stays as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One part of a path, or one value of a query.
pub fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// The path with one more value in its query.
pub fn with_query(path: &str, name: &str, value: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{name}={}", part(value))
}

/// A path that leads to a page of this program and to no other host.
pub fn is_local(path: &str) -> bool {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain && path.starts_with('/') && !path.starts_with("//")
}

/// The estate of a Manager.
pub fn estate(manager: &ManagerId) -> String {
    format!("/estate/{}", part(manager.as_str()))
}

/// All objects of a type.
pub fn objects(manager: &ManagerId, kind: Kind) -> String {
    format!("{}/objects/{}", estate(manager), kind.type_name())
}

/// An object with all that it says of itself.
pub fn object(manager: &ManagerId, kind: Kind, id: &str) -> String {
    format!("{}/{}", objects(manager, kind), part(id))
}

/// Where one looks first for an object: machines have a page with more than their attributes.
pub fn first_look(manager: &ManagerId, kind: Kind, id: &str) -> String {
    match kind {
        Kind::Vm => vm(manager, &VmId::new(id)),
        _ => object(manager, kind, id),
    }
}

/// The revisions of an estate.
pub fn revisions(manager: &ManagerId) -> String {
    format!("{}/revisions", estate(manager))
}

/// What changed between two revisions.
pub fn difference(manager: &ManagerId, from: i64, to: i64) -> String {
    format!("{}/difference?from={from}&to={to}", revisions(manager))
}

/// The search over everything.
pub const SEARCH: &str = "/search";

/// A rebuild script.
pub fn script(manager: &ManagerId, scope: &Scope) -> String {
    format!("{}/scripts/{}", estate(manager), part(&scope.key()))
}

/// A rebuild script as a file.
pub fn script_file(manager: &ManagerId, scope: &Scope, file: &str) -> String {
    format!("{}/{file}", script(manager, scope))
}

/// The disaster recovery handbook as a file.
pub fn handbook(manager: &ManagerId, scope: &Scope, file: &str) -> String {
    format!("/handbook/{}/{}/{file}", part(manager.as_str()), part(&scope.key()))
}

/// A machine.
pub fn vm(manager: &ManagerId, vm: &VmId) -> String {
    format!("/estate/{}/vms/{}", part(manager.as_str()), part(vm.as_str()))
}

/// Where one looks first for an object that rows are about.
pub fn subject(subject: &SubjectRef) -> String {
    let manager = &subject.manager;
    match &subject.object {
        Object::Vm(id) => vm(manager, id),
        Object::Server(id) => object(manager, Kind::Server, id.as_str()),
        Object::Pool(id) | Object::PoolFileSystem(id) => object(manager, Kind::ServerPool, id.as_str()),
        Object::Repository(id) => object(manager, Kind::Repository, id.as_str()),
        Object::Manager => estate(manager),
    }
}

/// A protection policy.
pub fn policy(id: &PolicyId) -> String {
    format!("/protection/{}", part(id.as_str()))
}

/// A recovery point.
pub fn point(id: &PointId) -> String {
    format!("/points/{}", part(id.as_str()))
}

/// A file of a recovery point.
pub fn artefact(id: &PointId, artefact: Artefact) -> String {
    format!("{}/files/{}", point(id), artefact.file_name())
}

/// A plan before anybody has decided on it.
pub fn plan(hash: &PlanHash) -> String {
    format!("/plans/{}", part(hash.as_str()))
}

/// A plan as a file.
pub fn plan_file(hash: &PlanHash, form: PlanForm) -> String {
    format!("{}/files/{}", plan(hash), form.file_name())
}

/// A restore request.
pub fn request(id: &RequestId) -> String {
    format!("/restores/{}", part(id.as_str()))
}

/// A job run.
pub fn run(id: &RunId) -> String {
    format!("/runs/{}", part(id.as_str()))
}

/// A Manager in the administration.
pub fn manager(id: &ManagerId) -> String {
    format!("/administration/managers/{}", part(id.as_str()))
}

/// A backup target in the administration.
pub fn target(id: &TargetId) -> String {
    format!("/administration/targets/{}", part(id.as_str()))
}

/// Where a backup target is added. Not below those that are there: one may be called `new`.
pub const NEW_TARGET: &str = "/administration/new-target";

/// The console.
pub const CONSOLE: &str = "/administration/console";

/// The whole audit trail as a file.
pub const TRAIL: &str = "/audit/trail.jsonl";

/// The page of what a row of the audit trail is about. None for what has no page by its id.
pub fn audited(about: &AuditSubject) -> Option<String> {
    match about {
        AuditSubject::Run(id) => Some(run(id)),
        AuditSubject::Request(id) => Some(request(id)),
        AuditSubject::Point(id) => Some(point(id)),
        AuditSubject::Policy(id) => Some(policy(id)),
        AuditSubject::Manager(id) => Some(estate(id)),
        AuditSubject::Object(at) => Some(subject(at)),
        AuditSubject::Script(manager, scope) => Some(script(manager, scope)),
        AuditSubject::Told(sentence) => told(sentence),
        AuditSubject::Account(_)
        | AuditSubject::Team(_)
        | AuditSubject::Target(_)
        | AuditSubject::Host(_)
        | AuditSubject::Trail => None,
    }
}

/// The page behind what an early row says: `run 7q2k`. Machines and servers are searched for, because such a row does not
/// say on which Manager they are.
fn told(sentence: &str) -> Option<String> {
    let (what, id) = sentence.rsplit_once(' ')?;
    match what {
        "vm" | "server" => Some(with_query(SEARCH, "q", id)),
        "run" => Some(run(&RunId::new(id))),
        "point" | "recovery point" => Some(point(&PointId::new(id))),
        "request" => Some(request(&RequestId::new(id))),
        "policy" => Some(policy(&PolicyId::new(id))),
        "manager" => Some(estate(&ManagerId::new(id))),
        _ => {
            let key = what.strip_prefix("script ")?.strip_suffix(" of manager")?;
            Some(script(&ManagerId::new(id), &Scope::from_key(key)?))
        }
    }
}

/// Access to a server in the administration.
pub fn server_access(manager_id: &ManagerId, server: &ServerId) -> String {
    format!("{}/servers/{}", manager(manager_id), part(server.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_part_of_the_path() {
        assert_eq!(point(&PointId::new("a/../b?c#d")), "/points/a%2F..%2Fb%3Fc%23d");
        assert_eq!(
            vm(&ManagerId::new("m1"), &VmId::new("0004fb00:ü")),
            "/estate/m1/vms/0004fb00%3A%C3%BC"
        );
    }

    #[test]
    fn a_query_grows_by_one_value() {
        assert_eq!(with_query("/runs", "notice", "a b"), "/runs?notice=a%20b");
        assert_eq!(with_query("/runs?x=1", "flash", "2"), "/runs?x=1&flash=2");
    }

    #[test]
    fn the_subject_of_a_row_has_its_page() {
        for (key, address) in [
            ("run/7q2k", Some("/runs/7q2k")),
            ("point/p1", Some("/points/p1")),
            ("request/r1", Some("/restores/r1")),
            ("policy/a/b", Some("/protection/a%2Fb")),
            ("manager/m1", Some("/estate/m1")),
            ("object/m1/vm-0004fb", Some("/estate/m1/vms/0004fb")),
            ("object/m1/server-00:11", Some("/estate/m1/objects/Server/00%3A11")),
            ("object/m1/manager", Some("/estate/m1")),
            ("script/m1/estate", Some("/estate/m1/scripts/estate")),
            ("account/anna", None),
            ("trail", None),
        ] {
            assert_eq!(audited(&AuditSubject::from_key(key)).as_deref(), address, "{key}");
        }
    }

    #[test]
    fn what_an_early_row_says_leads_to_its_page() {
        for (sentence, address) in [
            ("vm 0004fb00", Some("/search?q=0004fb00")),
            ("server 00:11", Some("/search?q=00%3A11")),
            ("run 7q2k", Some("/runs/7q2k")),
            ("point p1", Some("/points/p1")),
            ("recovery point p1", Some("/points/p1")),
            ("request r1", Some("/restores/r1")),
            ("policy a/b", Some("/protection/a%2Fb")),
            ("manager m1", Some("/estate/m1")),
            ("script estate of manager m1", Some("/estate/m1/scripts/estate")),
            ("script nonsense of manager m1", None),
            ("account anna", None),
            ("team run 7q2k", None),
            ("audit trail", None),
            ("", None),
        ] {
            assert_eq!(
                audited(&AuditSubject::from_key(sentence)).as_deref(),
                address,
                "{sentence}"
            );
        }
    }

    #[test]
    fn only_paths_of_this_program_are_local() {
        assert!(is_local("/runs/7?x=1"));
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "runs",
            "/a\nb",
            "",
        ] {
            assert!(!is_local(elsewhere), "{elsewhere:?}");
        }
    }
}
