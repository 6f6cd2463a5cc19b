//! Rows of the audit trail about requests: one for each stage.

use crate::core::Core;
use domain::audit::{AuditEvent, AuditSubject, Detail, RequestStage};
use domain::request::{Asked, Change, Request};

/// A row about a request. Those about what people decide are about its object or policy, so that they are found in its
/// history; those about what became of it are about the request.
pub(crate) fn request_event(core: &Core, actor: &str, request: &Request, stage: RequestStage) -> AuditEvent {
    let subject = match stage {
        RequestStage::Requested { .. } | RequestStage::Approved(_) | RequestStage::Vetoed(_) => about(&request.asked),
        RequestStage::Withdrawn { .. }
        | RequestStage::Expired
        | RequestStage::Void(_)
        | RequestStage::Missed { .. } => AuditSubject::Request(request.id.clone()),
    };
    let asked = (&request.asked).into();
    AuditEvent {
        plan_hash: request.asked.plan().map(ToString::to_string),
        ..core.event(actor, subject, Detail::Request { asked, stage })
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
