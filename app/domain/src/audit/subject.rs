//! What a row of the audit trail is about.

use crate::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TeamId};
use crate::subject::{Object, SubjectRef};
use ovm::script::Scope;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a row is about. Stored, hashed and taken away as one word, see [`AuditSubject::key`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum AuditSubject {
    /// A job run.
    Run(RunId),
    /// A request.
    Request(RequestId),
    /// A recovery point.
    Point(PointId),
    /// A protection policy.
    Policy(PolicyId),
    /// A login name, of an account or of none.
    Account(String),
    /// A team.
    Team(TeamId),
    /// A Manager as it is enrolled.
    Manager(ManagerId),
    /// An object of an estate.
    Object(SubjectRef),
    /// The rebuild script of an estate or of a part of it.
    Script(ManagerId, Scope),
    /// A backup target, by its id.
    Target(String),
    /// A host, by the name or address under which it is reached.
    Host(String),
    /// The trail itself.
    Trail,
    /// What a row of an early version of Holdfast says, as it stands there: `run 7q2k`.
    Told(String),
}

impl AuditSubject {
    /// Its word: the kind, a slash, the id. A sentence of an early row is its own word, because the row's hash is made
    /// of it.
    pub fn key(&self) -> String {
        match self {
            Self::Run(id) => format!("run/{id}"),
            Self::Request(id) => format!("request/{id}"),
            Self::Point(id) => format!("point/{id}"),
            Self::Policy(id) => format!("policy/{id}"),
            Self::Account(name) => format!("account/{name}"),
            Self::Team(id) => format!("team/{id}"),
            Self::Manager(id) => format!("manager/{id}"),
            Self::Object(at) => format!("object/{}/{}", at.manager, at.object),
            Self::Script(manager, scope) => format!("script/{manager}/{}", scope.key()),
            Self::Target(id) => format!("target/{id}"),
            Self::Host(host) => format!("host/{host}"),
            Self::Trail => "trail".to_owned(),
            Self::Told(sentence) => sentence.clone(),
        }
    }

    /// The subject behind a word. Whatever is none was told by an early version.
    pub fn from_key(key: &str) -> Self {
        Self::typed(key).unwrap_or_else(|| Self::Told(key.to_owned()))
    }

    fn typed(key: &str) -> Option<Self> {
        let Some((kind, id)) = key.split_once('/') else {
            return (key == "trail").then_some(Self::Trail);
        };
        Some(match kind {
            "run" => Self::Run(RunId::new(id)),
            "request" => Self::Request(RequestId::new(id)),
            "point" => Self::Point(PointId::new(id)),
            "policy" => Self::Policy(PolicyId::new(id)),
            "account" => Self::Account(id.to_owned()),
            "team" => Self::Team(TeamId::new(id)),
            "manager" => Self::Manager(ManagerId::new(id)),
            "object" => {
                let (manager, object) = id.split_once('/')?;
                Self::Object(SubjectRef {
                    manager: ManagerId::new(manager),
                    object: Object::from_key(object)?,
                })
            }
            "script" => {
                let (manager, scope) = id.split_once('/')?;
                Self::Script(ManagerId::new(manager), Scope::from_key(scope)?)
            }
            "target" => Self::Target(id.to_owned()),
            "host" => Self::Host(id.to_owned()),
            _ => return None,
        })
    }
}

/// The words that a person reads.
impl fmt::Display for AuditSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(id) => write!(f, "Run {id}"),
            Self::Request(id) => write!(f, "Request {id}"),
            Self::Point(id) => write!(f, "Recovery point {id}"),
            Self::Policy(id) => write!(f, "Protection policy {id}"),
            Self::Account(name) => write!(f, "Account {name}"),
            Self::Team(id) => write!(f, "Team {id}"),
            Self::Manager(id) => write!(f, "Manager {id}"),
            Self::Object(at) => match &at.object {
                Object::Vm(id) => write!(f, "VM {id}"),
                Object::Server(id) => write!(f, "Server {id}"),
                Object::Pool(id) => write!(f, "Server pool {id}"),
                Object::PoolFileSystem(id) => write!(f, "Pool file system of {id}"),
                Object::Repository(id) => write!(f, "Storage repository {id}"),
                Object::Manager => write!(f, "Manager {}", at.manager),
            },
            Self::Script(manager, scope) => write!(f, "Rebuild script {} of Manager {manager}", scope.key()),
            Self::Target(id) => write!(f, "Backup target {id}"),
            Self::Host(host) => write!(f, "Host {host}"),
            Self::Trail => f.write_str("Audit trail"),
            Self::Told(sentence) => f.write_str(sentence),
        }
    }
}

impl From<AuditSubject> for String {
    fn from(subject: AuditSubject) -> Self {
        subject.key()
    }
}

impl From<String> for AuditSubject {
    fn from(key: String) -> Self {
        Self::from_key(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ovm::ids::VmId;

    #[test]
    fn a_subject_is_one_word_both_ways() {
        let manager = ManagerId::new("m1");
        for subject in [
            AuditSubject::Run(RunId::new("7q2k")),
            AuditSubject::Request(RequestId::new("r1")),
            AuditSubject::Point(PointId::new("p1")),
            AuditSubject::Policy(PolicyId::new("a/b")),
            AuditSubject::Account("an/na smith".into()),
            AuditSubject::Team(TeamId::new("blue")),
            AuditSubject::Manager(manager.clone()),
            AuditSubject::Object(SubjectRef::vm(&manager, &VmId::new("0004fb00-06"))),
            AuditSubject::Script(manager, Scope::Estate),
            AuditSubject::Target("ab12".into()),
            AuditSubject::Host("10.0.0.1:22".into()),
            AuditSubject::Trail,
        ] {
            assert_eq!(AuditSubject::from_key(&subject.key()), subject);
        }
    }

    #[test]
    fn what_an_early_row_says_stays_as_it_stands() {
        for sentence in [
            "run 7q2k",
            "recovery point p1",
            "script vm-1 of manager m1",
            "audit trail",
            "",
        ] {
            let told = AuditSubject::from_key(sentence);
            assert_eq!(told, AuditSubject::Told(sentence.to_owned()));
            assert_eq!((told.key().as_str(), told.to_string().as_str()), (sentence, sentence));
        }
    }

    #[test]
    fn no_word_changes_by_being_read() {
        for word in [
            "object/m1",
            "object/m1/lun-3",
            "script/m1/x",
            "moon/1",
            "trail/1",
            "run/",
        ] {
            assert_eq!(AuditSubject::from_key(word).key(), word);
        }
    }
}
