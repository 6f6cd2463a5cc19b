//! Codes are complete, of one kind and never given twice; errors survive the way through a session.

use super::*;
use crate::fault::TargetFault;
use crate::ids::TargetId;
use crate::plan::Refusal;
use crate::request::RequestState;
use crate::say::Explain;
use std::collections::BTreeSet;

/// One of every kind, and its code.
fn some() -> Vec<(ServiceError, &'static str)> {
    let unreachable = HostFault::Unreachable {
        host: "ovmm:10000".into(),
        reason: "connection refused".into(),
    };
    let deed = Permission::RunBackup;
    let state = RequestState::Vetoed;
    let full = TargetFault::Full {
        target: "/backup".into(),
    };
    vec![
        (ServiceError::NotLoggedIn, "not-logged-in"),
        (
            ServiceError::Forbidden {
                deed,
                missing: Missing::ForTeam,
            },
            "forbidden",
        ),
        (ServiceError::not_found(Thing::Vm, "0004"), "not-found.vm"),
        (
            ServiceError::not_found(ovm::estate::Kind::PhysicalDisk, "0005"),
            "not-found.object",
        ),
        (
            ServiceError::invalid("port", HostFlaw::PortOutOfRange),
            "invalid.port-out-of-range",
        ),
        (
            ServiceError::conflict(RequestConflict::RequestDecided { state }),
            "conflict.request-decided",
        ),
        (
            ServiceError::conflict(Refusal::SlotNotInPoint { slot: 3 }),
            "conflict.slot-not-in-point",
        ),
        (
            ServiceError::conflict(TargetConflict::TargetUnusable {
                target: TargetId::first(),
                fault: Box::new(full),
            }),
            "conflict.target-unusable",
        ),
        (ServiceError::estate(unreachable, Errand::Reading), "estate.unreachable"),
        (ServiceError::TooMany { seconds: 9 }, "too-many"),
        (ServiceError::Internal { reference: "k3".into() }, "internal"),
    ]
}

#[test]
fn a_code_tells_the_kind_and_the_case() {
    let codes: BTreeSet<_> = ServiceError::codes().collect();
    for (error, code) in some() {
        assert_eq!(error.code(), code);
        assert!(codes.contains(code), "{code}");
    }
}

#[test]
fn no_code_is_given_twice_and_all_are_spelled_alike() {
    let all: Vec<_> = ServiceError::codes().collect();
    let mut seen = BTreeSet::new();
    for code in &all {
        assert!(seen.insert(code), "{code} is there twice");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let parts: Vec<_> = code.split('.').collect();
        assert!(
            parts.len() <= 2 && parts.iter().all(|part| !part.is_empty() && part.chars().all(plain)),
            "{code}"
        );
    }
    for kind in WITH_KINDS {
        let of_kind = all.iter().filter(|code| code.starts_with(&format!("{kind}.")));
        assert!(of_kind.count() > 1, "{kind} has no kinds");
    }
}

#[test]
fn an_error_survives_a_session_as_values_without_its_words() {
    for (error, code) in some() {
        let json = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<ServiceError>(&json).unwrap(), error, "{code}");
        assert!(json.len() < 120, "{json}");
        assert!(!json.contains(&error.explain(Language::En).what), "{json}");
    }
}

#[test]
fn every_error_says_in_sentences_what_happened_and_what_to_do() {
    for (error, code) in some() {
        let told = error.explain(Language::En);
        assert!(told.what.ends_with('.'), "{code}: {told}");
        assert!(told.remedy.is_empty() || told.remedy.ends_with('.'), "{code}: {told}");
        assert_eq!(error.to_string(), told.to_string());
    }
}
