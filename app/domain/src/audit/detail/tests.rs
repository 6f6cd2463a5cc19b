//! The form in which details are stored and hashed, and what they say. A line that has to be changed here breaks the
//! chain of every trail that was written before.

use super::*;
use crate::say::{Language, Say};

fn grants() -> Vec<Grant> {
    serde_json::from_str(r#"[{"role":"viewer","scope":"all"},{"role":"approver","scope":{"team":"blue"}}]"#).unwrap()
}

fn of_run() -> OfRun {
    OfRun {
        kind: RunKind::RestoreInPlace,
        name: "db01".into(),
    }
}

fn policy() -> PolicyForm {
    PolicyForm {
        name: "Gold".into(),
        team: None,
        method: BackupMethod::ManagerClone,
        patience_secs: 300,
        may_kill: false,
        free_space_floor_percent: 10,
        approvers: 2,
        commit_within_hours: 24,
        target: None,
    }
}

fn place(host: &str) -> HostPlace {
    HostPlace {
        host: host.into(),
        port: 22,
        fingerprint: "SHA256:x".into(),
    }
}

#[test]
fn what_was_written_once_is_read_and_hashed_alike_for_ever() {
    let voted = Voted {
        requested_by: "olga".into(),
        reason: String::new(),
    };
    let approved = Detail::Request {
        asked: AskedFor::Restore("db01".into()),
        stage: RequestStage::Approved(voted),
    };
    assert_eq!(approved.event(), "restore.approved.v1");
    let ended = Detail::RunEnded {
        run: of_run(),
        state: RunState::RolledBack,
        message: vec![
            Message::RolledBack.into(),
            Said::Text("As an early release said.".into()),
        ],
    };
    let pinned = [
        (Detail::LoginAccepted, r#"{"what":"login_accepted"}"#),
        (
            Detail::LoginRefused(LoginRefusal::WrongPassword),
            r#"{"what":"login_refused","of":"wrong_password"}"#,
        ),
        (
            Detail::BackupStarted {
                name: "db01".into(),
                point: PointId::new("p1"),
            },
            r#"{"what":"backup_started","of":{"name":"db01","point":"p1"}}"#,
        ),
        (
            approved,
            r#"{"what":"request","of":{"asked":{"restore":"db01"},"stage":{"approved":{"requested_by":"olga","reason":""}}}}"#,
        ),
        (
            Detail::RunSettled {
                run: of_run(),
                settled: Settled::GoesBack,
            },
            r#"{"what":"run_settled","of":{"run":{"kind":"restore_in_place","name":"db01"},"settled":"goes_back"}}"#,
        ),
        (
            ended,
            r#"{"what":"run_ended","of":{"run":{"kind":"restore_in_place","name":"db01"},"state":"rolled_back","message":[{"message":"rolled_back"},"As an early release said."]}}"#,
        ),
        (
            Detail::PolicySaved {
                was: None,
                is: policy(),
                request: None,
            },
            r#"{"what":"policy_saved","of":{"was":null,"is":{"name":"Gold","team":null,"method":"manager_clone","patience_secs":300,"may_kill":false,"free_space_floor_percent":10,"approvers":2,"commit_within_hours":24}}}"#,
        ),
        (
            Detail::ServerEnrolled(Enrolled {
                was: Some(place("ovs01")),
                is: place("ovs02"),
            }),
            r#"{"what":"server_enrolled","of":{"was":{"host":"ovs01","port":22,"fingerprint":"SHA256:x"},"is":{"host":"ovs02","port":22,"fingerprint":"SHA256:x"}}}"#,
        ),
        (
            Detail::AccountCreated { grants: grants() },
            r#"{"what":"account_created","of":{"grants":[{"role":"viewer","scope":"all"},{"role":"approver","scope":{"team":"blue"}}]}}"#,
        ),
        (
            Detail::DiscoveryFailed(HostFault::NoManager),
            r#"{"what":"discovery_failed","of":"no_manager"}"#,
        ),
        (
            Detail::PointDamaged {
                damage: Damage::Disk {
                    slot: 0,
                    name: "system".into(),
                    found: crate::fault::DamageFound::Differs,
                },
                target: None,
            },
            r#"{"what":"point_damaged","of":{"damage":{"damage":"disk","of":{"slot":0,"name":"system","found":"differs"}}}}"#,
        ),
    ];
    for (detail, json) in pinned {
        let stored = Said::Typed(detail);
        assert_eq!(serde_json::to_string(&stored).unwrap(), json);
        assert_eq!(serde_json::from_str::<Said<Detail>>(json).unwrap(), stored);
    }
}

#[test]
fn the_sentence_of_an_early_row_stays_what_it_is() {
    let early: Said<Detail> = serde_json::from_str(r#""Nobody decided it in time.""#).unwrap();
    assert_eq!(early, Said::Text("Nobody decided it in time.".into()));
}

#[test]
fn details_are_said_in_sentences() {
    let said = [
        (
            Detail::RolesChanged {
                was: Vec::new(),
                is: grants(),
            },
            "Was: no role. Is: Viewer, Approver for team blue.",
        ),
        (
            Detail::PolicySaved {
                was: None,
                is: policy(),
                request: None,
            },
            "Is: Gold, for everybody, Thin clone through the Manager, 300 s to shut down, never powered off, at least 10 % free, restores need 2 approvals and a commit within 24 h.",
        ),
        (
            Detail::RunEnded {
                run: of_run(),
                state: RunState::Succeeded,
                message: vec![Message::LeftBehind.into()],
            },
            "Restore in place of db01: Succeeded. Something could not be removed yet; Holdfast keeps trying.",
        ),
    ];
    for (detail, sentence) in said {
        assert_eq!(detail.say(Language::En), sentence);
    }
}
