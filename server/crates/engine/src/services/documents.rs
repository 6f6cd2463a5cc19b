//! Rebuild scripts of the newest revision with their rehearsals, and plans that are taken away.

use super::access::{commit, record, require_for, seen, team_of};
use super::estate::{existing, newest};
use super::planning::stored_plan;
use crate::core::{Core, blocking, from_store, internal};
use crate::rehearsal::{RehearsalError, rehearse};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditSubject, Detail};
use domain::document::{PlanForm, Rehearsal, ScriptForm, ScriptView};
use domain::error::{EstateConflict, ServiceError, Thing};
use domain::ids::ManagerId;
use domain::plan::PlanHash;
use domain::say::Language;
use domain::services::{Answer, DocumentService};
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use ovm::estate::Estate;
use ovm::script::{RebuildScript, SafeScript, Scope, ScriptError, safe_script};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::Revision;

pub(crate) struct Documents(pub(crate) Arc<Core>);

#[async_trait]
impl DocumentService for Documents {
    async fn script(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<ScriptView> {
        self.require_sight(actor, manager, scope).await?;
        let revision = newest(&self.0, manager).await?;
        let rehearsal = self.0.store.rehearsal(manager, scope).await.map_err(from_store)?;
        let scope = scope.clone();
        // That of thousands of machines takes a while, and other requests go on.
        blocking(move || written(&revision, scope, rehearsal)).await
    }

    async fn download_script(
        &self,
        actor: &Actor,
        manager: &ManagerId,
        scope: &Scope,
        form: ScriptForm,
    ) -> Answer<String> {
        require_download(&self.0, actor, manager, scope).await?;
        let script = self.script(actor, manager, scope).await?;
        let detail = Detail::ScriptDownloaded {
            file: form.file_name().to_owned(),
            scope: scope.clone(),
            revision: script.revision,
        };
        let subject = match scope {
            Scope::Vm(vm) => AuditSubject::Object(SubjectRef::vm(manager, vm)),
            Scope::Estate | Scope::Pool(_) => AuditSubject::Manager(manager.clone()),
        };
        record(&self.0, &self.0.event(&actor.name, subject, detail)).await?;
        Ok(match form {
            ScriptForm::Cli => script.for_cli,
            ScriptForm::People => script.for_people,
        })
    }

    async fn download_plan(&self, actor: &Actor, hash: &PlanHash, form: PlanForm) -> Answer<String> {
        let sealed = stored_plan(&self.0, actor, hash, Permission::DownloadArtefacts)
            .await?
            .sealed;
        let detail = Detail::PlanDownloaded {
            file: form.file_name().to_owned(),
            plan: sealed.hash().clone(),
        };
        let subject = AuditSubject::Object(sealed.plan().header.subject.at());
        record(&self.0, &self.0.event(&actor.name, subject, detail)).await?;
        Ok(match form {
            PlanForm::Text => plan::render::text(&sealed, Language::En),
            PlanForm::Script => plan::render::ovmcli_script(&sealed, Language::En),
        })
    }

    async fn rehearse(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<Rehearsal> {
        self.require_rehearsal(actor, manager, scope).await?;
        existing(&self.0, manager).await?;
        let revision = newest(&self.0, manager).await?;
        let scripts = Scripts::of(&revision.estate, scope)?;
        let (core, actor, manager, scope) = (self.0.clone(), actor.name.clone(), manager.clone(), scope.clone());
        // A closed browser does not end it half way.
        let held = tokio::spawn(async move { hold(&core, &actor, &manager, scope, revision, scripts).await });
        match held.await {
            Ok(result) => result,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

fn written(revision: &Revision, scope: Scope, rehearsal: Option<Rehearsal>) -> Answer<ScriptView> {
    let scripts = Scripts::of(&revision.estate, &scope)?;
    let rendered = |text: Result<String, _>| text.map_err(internal);
    Ok(ScriptView {
        name: scope.name(&revision.estate).unwrap_or_default().to_owned(),
        scope,
        revision: revision.id,
        taken_at: revision.taken_at,
        for_people: rendered(scripts.plain.render_for_people())?,
        for_cli: rendered(scripts.plain.render_for_cli())?,
        hash: scripts.hash()?,
        notes: scripts.plain.notes,
        rehearsal,
    })
}

impl Documents {
    /// A script of more than one machine shows machines of all teams.
    async fn require_sight(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<()> {
        match scope {
            Scope::Vm(vm) => {
                let subject = SubjectRef::vm(manager, vm);
                seen(actor, team_of(&self.0, &subject).await?.as_ref(), &subject)
            }
            Scope::Estate | Scope::Pool(_) => actor.require(Permission::ViewEstate, None),
        }
    }

    async fn require_rehearsal(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<()> {
        match scope {
            _ if actor.may(Permission::Administer, None) => Ok(()),
            Scope::Vm(vm) => {
                let subject = SubjectRef::vm(manager, vm);
                let team = require_for(&self.0, actor, Permission::RunBackup, &subject).await;
                team.map(drop)
            }
            Scope::Estate | Scope::Pool(_) => actor.require(Permission::RunBackup, None),
        }
    }
}

/// Guard for a file that is taken away: of more than one machine it shows machines of all teams.
pub(super) async fn require_download(core: &Core, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<()> {
    match scope {
        Scope::Vm(vm) => {
            let subject = SubjectRef::vm(manager, vm);
            let team = require_for(core, actor, Permission::DownloadArtefacts, &subject).await;
            team.map(drop)
        }
        Scope::Estate | Scope::Pool(_) => actor.require(Permission::DownloadArtefacts, None),
    }
}

/// The two forms of a script.
pub(super) struct Scripts {
    pub(super) plain: RebuildScript,
    safe: SafeScript,
}

impl Scripts {
    pub(super) fn of(estate: &Estate, scope: &Scope) -> Answer<Self> {
        let safe = safe_script(estate, scope, estate.release().version).map_err(no_script)?;
        let plain = safe.plain().map_err(internal)?;
        Ok(Self { plain, safe })
    }

    fn hash(&self) -> Answer<String> {
        let plain = self.plain.render_for_people().map_err(internal)?;
        let safe = serde_json::to_string(&self.safe).map_err(internal)?;
        Ok(hex::encode(
            Sha256::new().chain_update(plain).chain_update(safe).finalize(),
        ))
    }
}

/// When the newest rehearsal of the script in its present form was held, and what it found.
pub(super) async fn rehearsed(
    core: &Core,
    manager: &ManagerId,
    estate: &Estate,
    scope: &Scope,
) -> Answer<Option<(Timestamp, Vec<String>)>> {
    let Some(newest) = core.store.rehearsal(manager, scope).await.map_err(from_store)? else {
        return Ok(None);
    };
    if Scripts::of(estate, scope)?.hash()? != newest.script_hash {
        return Ok(None);
    }
    let differences = newest.outcome.differences.into_iter().map(|change| change.sentence);
    let found = newest.outcome.failures.into_iter().chain(differences).collect();
    Ok(Some((newest.at, found)))
}

fn no_script(error: ScriptError) -> ServiceError {
    ServiceError::conflict(match error {
        ScriptError::UnknownVm { vm } => return ServiceError::not_found(Thing::Vm, vm),
        ScriptError::UnknownScope { scope } => return ServiceError::not_found(Thing::EstatePart, scope.key()),
        ScriptError::NoPool { name } => EstateConflict::ScriptNeedsPool { vm: name },
        ScriptError::NoRepository { name } => EstateConflict::ScriptNeedsRepository { vm: name },
        ScriptError::Unwritable { name, reason } => EstateConflict::ScriptNotWritable {
            name,
            detail: reason.to_string(),
        },
    })
}

/// Holds a rehearsal and stores what came of it.
async fn hold(
    core: &Arc<Core>,
    actor: &str,
    manager: &ManagerId,
    scope: Scope,
    revision: Arc<Revision>,
    scripts: Scripts,
) -> Answer<Rehearsal> {
    let _one_at_a_time = core.rehearsing.lock().await;
    let script_hash = scripts.hash()?;
    let outcome = rehearse(core, &revision.estate, &scope, &scripts.safe).await;
    let outcome = outcome.map_err(|error| match error {
        RehearsalError::NoGround(detail) => ServiceError::conflict(EstateConflict::NoRehearsalGround { detail }),
        RehearsalError::Reach(_) => internal(error),
    })?;
    let rehearsal = Rehearsal {
        revision: revision.id,
        at: core.now(),
        script_hash,
        outcome,
        scope,
    };
    let detail = Detail::ScriptRehearsed {
        steps: rehearsal.outcome.steps,
        refused: rehearsal.outcome.failures.len(),
        differences: rehearsal.outcome.differences.len(),
    };
    let subject = AuditSubject::Script(manager.clone(), rehearsal.scope.clone());
    let event = core.event(actor, subject, detail);
    let stored = async {
        let tx = core.store.begin().await?;
        tx.insert_rehearsal(manager, &rehearsal).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)?;
    Ok(rehearsal)
}
