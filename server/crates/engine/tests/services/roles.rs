//! Every method against every role: who is let through, and who is refused. Where the door is passed, something that
//! cannot be done is asked for, so that nothing changes on the way through the table.

use crate::house::{House, at, manager, of_all, point, rules, team, vm};
use domain::actor::{Actor, Role};
use domain::document::{PlanForm, ScriptForm};
use domain::enrolment::{NewManager, NewServerAccess};
use domain::error::ServiceError;
use domain::ids::{PointId, PolicyId, RequestId, RunId, TargetId, UserId};
use domain::plan::{ENGINE, Header, Plan, PlanHash, Purpose, Risk, RiskClass, SealedPlan, WhenStuck};
use domain::point::Artefact;
use domain::policy::{BackupMethod, Policy};
use domain::request::{Asked, AskedHash, Request, RequestState, Vote, Window};
use domain::run::RunKind;
use domain::run::{Decision, Settlement};
use domain::services::{AuditFilter, Backend, PointFilter, RequestFilter, RestoreOptions, RunFilter};
use domain::subject::Subject;
use domain::target::{Location, NewTarget};
use domain::time::Timestamp;
use ovm::ids::ServerId;
use ovm::script::Scope;
use std::collections::BTreeSet;
use store::NewRun;

const ALL: &[Role] = &Role::ALL;
const ADMINISTRATOR: &[Role] = &[Role::Administrator];
const POLICY_OWNER: &[Role] = &[Role::PolicyOwner];
const BACKUP_OPERATOR: &[Role] = &[Role::BackupOperator];
const RESTORE_OPERATOR: &[Role] = &[Role::RestoreOperator];

/// A method, and the roles that may call it.
const TABLE: &[(&str, &[Role])] = &[
    ("estate.managers", ALL),
    ("estate.estate", ALL),
    ("estate.protection", ALL),
    ("estate.vm", ALL),
    ("estate.team", ALL),
    ("estate.servers", ALL),
    ("estate.revisions", ALL),
    ("estate.revision_difference", ALL),
    ("estate.refresh", &[Role::BackupOperator, Role::Administrator]),
    ("estate.probe_host_key", ADMINISTRATOR),
    ("estate.enrol", ADMINISTRATOR),
    ("estate.set_server_access", ADMINISTRATOR),
    ("estate.set_team", ADMINISTRATOR),
    ("estate.ask", ADMINISTRATOR),
    ("documents.script of a machine", ALL),
    ("documents.script of the estate", ALL),
    (
        "documents.download_script of a machine",
        &[Role::RestoreOperator, Role::Auditor],
    ),
    (
        "documents.download_script of the estate",
        &[Role::RestoreOperator, Role::Auditor],
    ),
    ("documents.download_plan", &[Role::RestoreOperator, Role::Auditor]),
    ("documents.rehearse", &[Role::BackupOperator, Role::Administrator]),
    ("policies.list", ALL),
    ("policies.get", ALL),
    ("policies.targets", POLICY_OWNER),
    ("policies.save a new one", POLICY_OWNER),
    ("policies.save an old one", POLICY_OWNER),
    ("policies.assign", POLICY_OWNER),
    ("catalogue.points", ALL),
    ("catalogue.point", ALL),
    ("catalogue.target_faults", ALL),
    ("catalogue.artefact", &[Role::RestoreOperator, Role::Auditor]),
    ("catalogue.targets", RESTORE_OPERATOR),
    ("catalogue.verify", &[Role::BackupOperator, Role::RestoreOperator]),
    ("handbooks.handbook", &[Role::RestoreOperator, Role::Auditor]),
    ("audit.page", &[Role::Auditor]),
    ("audit.export", &[Role::Auditor]),
    ("accounts.users", &[Role::Auditor, Role::Administrator]),
    ("accounts.create_user", ADMINISTRATOR),
    ("accounts.set_grants", ADMINISTRATOR),
    ("accounts.set_disabled", ADMINISTRATOR),
    ("accounts.set_password", ADMINISTRATOR),
    ("accounts.create_team", ADMINISTRATOR),
    ("targets.list", ADMINISTRATOR),
    ("targets.add", ADMINISTRATOR),
    ("targets.check", ADMINISTRATOR),
    ("runs.plan_backup", BACKUP_OPERATOR),
    ("runs.plan", ALL),
    ("runs.experience", ALL),
    ("runs.start_backup", BACKUP_OPERATOR),
    ("runs.list", ALL),
    ("runs.get", ALL),
    ("runs.cancel", BACKUP_OPERATOR),
    ("runs.decide", BACKUP_OPERATOR),
    ("runs.confirm", BACKUP_OPERATOR),
    ("runs.settle", ADMINISTRATOR),
    ("runs.events", ALL),
    ("restores.plan", RESTORE_OPERATOR),
    ("restores.submit", RESTORE_OPERATOR),
    ("restores.list", ALL),
    ("restores.of_plan", ALL),
    ("restores.get", ALL),
    ("restores.vote", &[Role::Approver]),
];

/// What no role decides, so that it is not in the table: a method, and what decides instead.
const OTHERWISE: &[(&str, &str)] = &[
    ("accounts.login", "the password"),
    ("accounts.actor", "the session"),
    ("accounts.logged_out", "everybody may leave"),
    ("accounts.change_password", "the password that it replaces"),
    (
        "accounts.teams",
        "everybody sees the teams in which he may see something",
    ),
    ("restores.withdraw", "whoever has made the request"),
    (
        "health.ready",
        "whoever can reach the port: it says only whether the program can work",
    ),
];

/// The contracts, as they are written.
const CONTRACTS: &str = include_str!("../../../../../app/domain/src/services/mod.rs");

/// Calls a method and returns why it was not done, if it was not.
async fn call(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    match method.split_once('.').unwrap().0 {
        "estate" => estate(method, b, a).await,
        "documents" => documents(method, b, a).await,
        "policies" => policies(method, b, a).await,
        "accounts" => accounts(method, b, a).await,
        "runs" => runs(method, b, a).await,
        "restores" => restores(method, b, a).await,
        _ => catalogue_and_audit(method, b, a).await,
    }
}

async fn estate(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    match method {
        "estate.managers" => b.estate.managers(a).await.err(),
        "estate.estate" => b.estate.estate(a, &manager()).await.err(),
        "estate.protection" => b.estate.protection(a, &manager()).await.err(),
        "estate.vm" => b.estate.vm(a, &manager(), &vm("free")).await.err(),
        "estate.team" => b.estate.team(a, &at("free")).await.err(),
        "estate.servers" => b.estate.servers(a, &manager()).await.err(),
        "estate.revisions" => b.estate.revisions(a, &manager()).await.err(),
        "estate.revision_difference" => b.estate.revision_difference(a, &manager(), 0, 0).await.err(),
        "estate.refresh" => b.estate.refresh(a, &manager()).await.err(),
        "estate.probe_host_key" => b.estate.probe_host_key(a, "", 22).await.err(),
        "estate.enrol" => b.estate.enrol(a, no_manager()).await.err(),
        "estate.set_server_access" => b.estate.set_server_access(a, no_server()).await.err(),
        "estate.set_team" => b.estate.set_team(a, &at("free"), Some(team("none"))).await.err(),
        "estate.ask" => b.estate.ask(a, &manager(), "delete Vm id=1").await.err(),
        other => panic!("{other} is not called"),
    }
}

async fn documents(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let machine = Scope::Vm(vm("free"));
    match method {
        "documents.script of a machine" => b.documents.script(a, &manager(), &machine).await.err(),
        "documents.script of the estate" => b.documents.script(a, &manager(), &Scope::Estate).await.err(),
        "documents.download_script of a machine" => download(b, a, &machine).await,
        "documents.download_script of the estate" => download(b, a, &Scope::Estate).await,
        "documents.download_plan" => b.documents.download_plan(a, &plan_hash(), PlanForm::Text).await.err(),
        "documents.rehearse" => b.documents.rehearse(a, &manager(), &machine).await.err(),
        other => panic!("{other} is not called"),
    }
}

async fn download(b: &Backend, a: &Actor, scope: &Scope) -> Option<ServiceError> {
    let manager = manager();
    let file = b.documents.download_script(a, &manager, scope, ScriptForm::Cli);
    file.await.err()
}

async fn policies(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let (known, unknown) = (PolicyId::new("p1"), PolicyId::new("none"));
    match method {
        "policies.list" => b.policies.list(a).await.err(),
        "policies.targets" => b.policies.targets(a).await.err(),
        "policies.get" => b.policies.get(a, &known).await.err(),
        "policies.save a new one" => b.policies.save(a, None, None, rules(""), "").await.err(),
        "policies.save an old one" => b.policies.save(a, Some(known), None, rules(""), "").await.err(),
        "policies.assign" => b.policies.assign(a, &at("free"), Some(unknown), "").await.err(),
        other => panic!("{other} is not called"),
    }
}

/// A backup target that cannot be added.
fn nowhere() -> NewTarget {
    NewTarget {
        name: "No name".into(),
        location: Location::Folder { folder: "/".into() },
        access_key: None,
        password: String::new(),
        make_new: false,
    }
}

async fn catalogue_and_audit(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let point = PointId::new("point");
    match method {
        "catalogue.points" => b.catalogue.points(a, &PointFilter::default()).await.err(),
        "catalogue.point" => b.catalogue.point(a, &point).await.err(),
        "catalogue.artefact" => b.catalogue.artefact(a, &point, Artefact::Manifest).await.err(),
        "catalogue.targets" => b.catalogue.targets(a).await.err(),
        "catalogue.target_faults" => b.catalogue.target_faults(a).await.err(),
        "catalogue.verify" => b.catalogue.verify(a, &point).await.err(),
        "handbooks.handbook" => b.handbooks.handbook(a, &manager(), &Scope::Estate).await.err(),
        "targets.list" => b.targets.list(a).await.err(),
        "targets.add" => b.targets.add(a, nowhere()).await.err(),
        "targets.check" => b.targets.check(a, &TargetId::new("nowhere")).await.err(),
        "audit.page" => b.audit.page(a, &AuditFilter::default()).await.err(),
        "audit.export" => b.audit.export(a).await.err(),
        other => panic!("{other} is not called"),
    }
}

async fn accounts(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let nobody = UserId::new("nobody");
    match method {
        "accounts.users" => b.accounts.users(a).await.err(),
        "accounts.create_user" => b.accounts.create_user(a, "", "", Vec::new()).await.err(),
        "accounts.set_grants" => b.accounts.set_grants(a, &nobody, Vec::new()).await.err(),
        "accounts.set_disabled" => b.accounts.set_disabled(a, &nobody, true).await.err(),
        "accounts.set_password" => b.accounts.set_password(a, &nobody, "").await.err(),
        "accounts.create_team" => b.accounts.create_team(a, "").await.err(),
        other => panic!("{other} is not called"),
    }
}

async fn runs(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let run = RunId::new("run");
    match method {
        "runs.plan_backup" => b.runs.plan_backup(a, &at("free")).await.err(),
        "runs.plan" => b.runs.plan(a, &plan_hash()).await.err(),
        "runs.experience" => b.runs.experience(a, &plan_hash()).await.err(),
        "runs.start_backup" => b.runs.start_backup(a, &plan_hash()).await.err(),
        "runs.list" => b.runs.list(a, &RunFilter::default()).await.err(),
        "runs.get" => b.runs.get(a, &run).await.err(),
        "runs.cancel" => b.runs.cancel(a, &run).await.err(),
        "runs.confirm" => b.runs.confirm(a, &run, "step", "").await.err(),
        "runs.decide" => b.runs.decide(a, &run, Decision::Commit).await.err(),
        "runs.settle" => b.runs.settle(a, &run, Settlement::GoOn).await.err(),
        "runs.events" => b.runs.events(a).await.err(),
        other => panic!("{other} is not called"),
    }
}

async fn restores(method: &str, b: &Backend, a: &Actor) -> Option<ServiceError> {
    let (point, request, other_plan) = (
        PointId::new("point"),
        RequestId::new("request"),
        AskedHash::new("other"),
    );
    match method {
        "restores.plan" => b.restores.plan(a, &point, &RestoreOptions::default()).await.err(),
        "restores.submit" => b
            .restores
            .submit(a, &plan_hash(), "", None, Window::default())
            .await
            .err(),
        "restores.list" => b.restores.list(a, &RequestFilter::default()).await.err(),
        "restores.of_plan" => b.restores.of_plan(a, &plan_hash()).await.err(),
        "restores.get" => b.restores.get(a, &request).await.err(),
        "restores.vote" => b.restores.vote(a, &request, &other_plan, Vote::Approve, "").await.err(),
        other => panic!("{other} is not called"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_what_it_is_for_and_nothing_else() {
    let house = House::furnished().await;
    furnish_further(&house).await;
    for (method, allowed) in TABLE {
        for role in Role::ALL {
            let answer = call(method, &house.backend, &of_all(role)).await;
            let refused = matches!(answer, Some(ServiceError::Forbidden { .. }));
            assert_eq!(!refused, allowed.contains(&role), "{method} as {role:?}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_nothing_can_be_done_or_seen() {
    let house = House::furnished().await;
    furnish_further(&house).await;
    let nobody = Actor {
        grants: Vec::new(),
        ..of_all(Role::Viewer)
    };
    for (method, _) in TABLE {
        let answer = call(method, &house.backend, &nobody).await;
        let shut = matches!(
            answer,
            Some(ServiceError::Forbidden { .. } | ServiceError::NotFound { .. })
        );
        assert!(shut, "{method}: {answer:?}");
    }
    assert_eq!(house.backend.accounts.teams(&nobody).await, Ok(Vec::new()));
}

#[test]
fn every_method_is_in_the_table_or_says_what_decides_instead() {
    let in_table = TABLE.iter().map(|(method, _)| method.split(' ').next().unwrap());
    let listed: BTreeSet<&str> = in_table.chain(OTHERWISE.iter().map(|(method, _)| *method)).collect();
    let contracts = contracts();
    let written: BTreeSet<&str> = contracts.iter().map(String::as_str).collect();
    assert_eq!(listed, written);
}

/// All methods of all services, named as in the table: `estate.vm`.
fn contracts() -> Vec<String> {
    let services = CONTRACTS.split("\npub trait ").skip(1);
    services.flat_map(|service| methods(service).unwrap()).collect()
}

/// The methods of a service, whose text begins with its name.
fn methods(service: &str) -> Option<Vec<String>> {
    let name = service.split(':').next()?;
    let (fields, _) = CONTRACTS.split_once(&format!(": Arc<dyn {name}>"))?;
    let field = fields.rsplit_once("pub ")?.1;
    let lines = service.split("\n}").next()?.lines();
    let heads = lines.filter_map(|line| {
        line.trim()
            .strip_prefix("async ")
            .unwrap_or(line.trim())
            .strip_prefix("fn ")
    });
    let name = |head: &str| head.split(['(', '<']).next().map(|name| format!("{field}.{name}"));
    heads.map(name).collect()
}

/// A policy, a recovery point, a plan with its run and a request, so that there is something to be refused for.
pub async fn furnish_further(house: &House) {
    let sealed = SealedPlan::seal(plan()).unwrap();
    let asker = UserId::new("asker");
    house.insert(&point("point", "free", "none", "00")).await;
    let tx = house.store.begin().await.unwrap();
    tx.put_policy(&Policy {
        id: PolicyId::new("p1"),
        team: None,
        rules: rules("Gold"),
    })
    .await
    .unwrap();
    tx.insert_user(&asker, "asker", "").await.unwrap();
    tx.insert_plan(&sealed, &asker, Timestamp(0)).await.unwrap();
    tx.insert_run(&run(&sealed)).await.unwrap();
    tx.insert_request(&request(&sealed, asker)).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn plan_hash() -> PlanHash {
    SealedPlan::seal(plan()).unwrap().hash().clone()
}

pub fn plan() -> Plan {
    let purpose = Purpose::Backup {
        point: PointId::new("new"),
        method: BackupMethod::ManagerClone,
        policy: PolicyId::new("p1"),
        policy_name: "Gold".into(),
    };
    let header = Header {
        purpose,
        run: RunId::new("run"),
        engine: ENGINE,
        when_stuck: WhenStuck::LeaveBehind,
        subject: Subject::vm(&manager(), &vm("free"), "free machine"),
        planned_by: "asker".into(),
        planned_at: Timestamp(0),
        estate_revision: 1,
        risk: Risk {
            class: RiskClass::Low,
            reasons: Vec::new(),
        },
        not_contained: Vec::new(),
        remarks: Vec::new(),
    };
    Plan {
        header,
        preconditions: Vec::new(),
        steps: Vec::new(),
    }
}

pub fn run(sealed: &SealedPlan) -> NewRun {
    NewRun {
        id: RunId::new("run"),
        plan_hash: sealed.hash().clone(),
        kind: RunKind::Backup,
        subject: at("free").named("free machine"),
        touches: vec![at("free")],
        started_by: "asker".into(),
        queued_at: Timestamp(0),
        request: None,
        point: None,
        window: Window::default(),
    }
}

pub fn request(sealed: &SealedPlan, asker: UserId) -> Request {
    Request {
        id: RequestId::new("request"),
        state: RequestState::Pending,
        asked: Asked::Plan {
            hash: sealed.hash().clone(),
            point: PointId::new("point"),
            subject: at("free").named("free machine"),
            window: Window::default(),
        },
        team: None,
        requested_by: asker,
        requested_by_name: "asker".into(),
        requested_at: Timestamp(0),
        reason: "a reason that is long enough".into(),
        ticket: None,
        approvals_needed: 1,
        votes: Vec::new(),
        expires_at: Timestamp(i64::MAX),
        run: None,
    }
}

fn no_manager() -> NewManager {
    NewManager {
        name: String::new(),
        host: String::new(),
        port: 0,
        user: String::new(),
        password: String::new(),
        fingerprint: String::new(),
        legacy_algorithms: false,
    }
}

fn no_server() -> NewServerAccess {
    NewServerAccess {
        manager: manager(),
        server: ServerId::new("none"),
        host: String::new(),
        port: 0,
        user: String::new(),
        password: String::new(),
        fingerprint: String::new(),
        legacy_algorithms: false,
    }
}
