//! Rows of the audit trail about requests: one for each stage.

use crate::core::Core;
use domain::audit::{AuditEvent, AuditSubject};
use domain::request::{Asked, Change, Request};

/// What happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Requested,
    Approved,
    Vetoed,
    Withdrawn,
    Expired,
    Void,
    Missed,
}

/// A row about a request. Those about what people decide are about its object or policy, so that they are found in its
/// history; those about what became of it by itself are about the request.
pub(crate) fn request_event(core: &Core, actor: &str, stage: Stage, request: &Request, detail: String) -> AuditEvent {
    let subject = match stage {
        Stage::Requested | Stage::Approved | Stage::Vetoed => about(&request.asked),
        Stage::Withdrawn | Stage::Expired | Stage::Void | Stage::Missed => AuditSubject::Request(request.id.clone()),
    };
    AuditEvent {
        plan_hash: request.asked.plan().map(ToString::to_string),
        ..core.event(actor, name(&request.asked, stage), subject, detail)
    }
}

/// What the rows about something that was asked for are about.
pub(crate) fn about(asked: &Asked) -> AuditSubject {
    match asked {
        Asked::Plan { subject, .. } | Asked::Change(Change::Assignment { subject, .. }) => {
            AuditSubject::Object(subject.at())
        }
        Asked::Change(Change::Policy { from, .. }) => AuditSubject::Policy(from.id.clone()),
    }
}

fn name(asked: &Asked, stage: Stage) -> &'static str {
    match (asked, stage) {
        (Asked::Plan { .. }, Stage::Requested) => "restore.requested.v1",
        (Asked::Plan { .. }, Stage::Approved) => "restore.approved.v1",
        (Asked::Plan { .. }, Stage::Vetoed) => "restore.vetoed.v1",
        (Asked::Plan { .. }, Stage::Withdrawn) => "restore.withdrawn.v1",
        (Asked::Plan { .. }, Stage::Expired) => "restore.expired.v1",
        (Asked::Plan { .. }, Stage::Void) => "restore.approval_void.v1",
        (Asked::Plan { .. }, Stage::Missed) => "restore.window_missed.v1",
        (Asked::Change(_), Stage::Requested) => "change.requested.v1",
        (Asked::Change(_), Stage::Approved) => "change.approved.v1",
        (Asked::Change(_), Stage::Vetoed) => "change.vetoed.v1",
        (Asked::Change(_), Stage::Withdrawn) => "change.withdrawn.v1",
        (Asked::Change(_), Stage::Expired) => "change.expired.v1",
        (Asked::Change(_), Stage::Void) => "change.void.v1",
        // No change has a window.
        (Asked::Change(_), Stage::Missed) => "change.window_missed.v1",
    }
}
