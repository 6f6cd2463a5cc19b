//! Its accounts and its audit trail.

use super::Fake;
use crate::estate;
use async_trait::async_trait;
use domain::actor::{Actor, Grant, Permission, Role, Scope};
use domain::audit::{AuditEvent, AuditRow, AuditSubject, TrailLine};
use domain::error::ServiceError;
use domain::ids::{TeamId, UserId};
use domain::plan::Said;
use domain::services::*;
use futures::stream::BoxStream;

#[async_trait]
impl AuditService for Fake {
    async fn page(&self, actor: &Actor, _: &AuditFilter) -> Answer<AuditPage> {
        actor.require_somewhere(Permission::ReadAudit)?;
        let event = AuditEvent {
            at: estate::TAKEN,
            actor: "olga".into(),
            event: "backup.started.v1".into(),
            subject: AuditSubject::Told("vm 0004fb".into()),
            plan_hash: Some("ab".repeat(32)),
            detail: Said::Text("<b>not markup</b>".into()),
            address: Some("192.0.2.7".into()),
        };
        let row = AuditRow {
            seq: 12,
            event,
            hash: String::new(),
        };
        Ok(AuditPage {
            rows: vec![row],
            more: true,
            broken_at: None,
        })
    }
    async fn export(&self, _: &Actor) -> Answer<BoxStream<'static, Answer<Vec<TrailLine>>>> {
        Ok(Box::pin(futures::stream::empty()))
    }
}

#[async_trait]
impl AccountService for Fake {
    async fn login(&self, _: &str, _: &str, _: &str) -> Answer<Login> {
        Err(ServiceError::NotLoggedIn)
    }
    async fn actor(&self, _: &UserId, _: i64) -> Answer<Actor> {
        Err(ServiceError::NotLoggedIn)
    }
    async fn logged_out(&self, _: &Actor) -> Answer<()> {
        Ok(())
    }
    async fn users(&self, actor: &Actor) -> Answer<Vec<UserView>> {
        actor.require_somewhere(Permission::ViewAccounts)?;
        let user = |id: &UserId, name: &str, grants| UserView {
            id: id.clone(),
            name: name.into(),
            grants,
            disabled: false,
            last_login: None,
        };
        let approves = Grant {
            role: Role::Approver,
            scope: Scope::Team(TeamId::new("blue")),
        };
        Ok(vec![
            user(&actor.id, &actor.name, actor.grants.clone()),
            user(&UserId::new("u7"), "bert", vec![approves]),
        ])
    }
    async fn create_user(&self, _: &Actor, name: &str, _: &str, grants: Vec<Grant>) -> Answer<UserId> {
        self.0.change(format!("create {name} {}", grants.len()))?;
        Ok(UserId::new("u9"))
    }
    async fn set_grants(&self, _: &Actor, user: &UserId, grants: Vec<Grant>) -> Answer<()> {
        self.0.change(format!("grants of {user}: {}", grants.len()))
    }
    async fn set_disabled(&self, _: &Actor, user: &UserId, disabled: bool) -> Answer<()> {
        self.0.change(format!("disabled {user} {disabled}"))
    }
    async fn set_password(&self, _: &Actor, user: &UserId, _: &str) -> Answer<()> {
        self.0.change(format!("password of {user}"))
    }
    async fn change_password(&self, actor: &Actor, _: &str, _: &str) -> Answer<Login> {
        self.0.change("password")?;
        Ok(Login {
            actor: actor.clone(),
            epoch: 2,
        })
    }
    async fn teams(&self, _: &Actor) -> Answer<Vec<Team>> {
        Ok(vec![Team {
            id: TeamId::new("blue"),
            name: "Blue".into(),
        }])
    }
    async fn create_team(&self, _: &Actor, name: &str) -> Answer<TeamId> {
        self.0.change(format!("team {name}"))?;
        Ok(TeamId::new(name))
    }
}
