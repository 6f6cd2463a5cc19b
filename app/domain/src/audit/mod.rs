//! The audit trail: who did what, when, to what, under which plan. Rows are only ever added; each carries the hash of
//! the one before, so that a removed or changed row is noticed.

mod detail;
mod subject;

pub use detail::{
    AskedFor, Detail, Enrolled, HostPlace, LoginRefusal, OfRequest, OfRun, PolicyForm, RequestStage, Voted,
};
pub use subject::AuditSubject;

use crate::plan::Said;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One row of the trail, before it got its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// Login name of the actor, or `holdfast` for what the program does by itself.
    pub actor: String,
    /// Versioned name of what happened, for example `restore.approved.v1`.
    pub event: String,
    /// What it happened to.
    pub subject: AuditSubject,
    /// Hash of the plan, when there is one.
    pub plan_hash: Option<String>,
    /// What happened, with its values; the sentence of a row of an early release.
    pub detail: Said<Detail>,
    /// Network address of the actor, when known.
    pub address: Option<String>,
}

impl AuditEvent {
    /// An event without plan and address. Its name is that of the detail.
    pub fn new(at: Timestamp, actor: &str, subject: AuditSubject, detail: Detail) -> Self {
        Self {
            at,
            actor: actor.to_owned(),
            event: detail.event().to_owned(),
            subject,
            plan_hash: None,
            detail: Said::Typed(detail),
            address: None,
        }
    }
}

/// A row in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Place in the trail, from 1 without gaps.
    pub seq: i64,
    /// The event.
    pub event: AuditEvent,
    /// Hash of this row, see [`chain_hash`].
    pub hash: String,
}

/// A row as an auditor takes it away: one line of JSON that holds everything its hash is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailLine {
    /// Place in the trail.
    pub seq: i64,
    /// When, as RFC 3339 in UTC: the time of the event once more, for people.
    pub time: String,
    /// The event. Its fields stand in the line side by side, in the order of the canonical JSON.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// Hash of the row before; empty when there is none.
    pub previous: String,
    /// Hash of this row, see [`chain_hash`].
    pub hash: String,
}

impl TrailLine {
    /// The line of a row that stands behind one with the hash `previous`.
    pub fn new(row: AuditRow, previous: &str) -> Self {
        Self {
            seq: row.seq,
            time: row.event.at.exact(),
            event: row.event,
            previous: previous.to_owned(),
            hash: row.hash,
        }
    }

    /// The line, with its end.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON, which no row of these types does.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|line| line + "\n")
    }
}

/// Hash of a row: SHA-256 over the previous row's hash and this row's canonical JSON.
pub fn chain_hash(previous: &str, event: &AuditEvent) -> String {
    let canonical = serde_json::to_string(event).unwrap_or_default();
    hex::encode(
        Sha256::new()
            .chain_update(previous)
            .chain_update("\n")
            .chain_update(canonical)
            .finalize(),
    )
}

/// How far the trail was followed: its default is before the first row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Sequence number of the last row that was followed.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl Chain {
    /// Follows the rows that come next. Stops at the first one that does not fit, and returns its sequence number.
    pub fn follow<'a>(&mut self, rows: impl IntoIterator<Item = &'a AuditRow>) -> Option<i64> {
        for row in rows {
            if row.seq != self.seq + 1 || row.hash != chain_hash(&self.hash, &row.event) {
                return Some(row.seq);
            }
            self.seq = row.seq;
            self.hash.clone_from(&row.hash);
        }
        None
    }
}

/// Follows the whole trail and returns the sequence number of the first row that does not fit, if any.
pub fn first_break<'a>(rows: impl IntoIterator<Item = &'a AuditRow>) -> Option<i64> {
    Chain::default().follow(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail() -> Vec<AuditRow> {
        let mut previous = String::new();
        (1..=4)
            .map(|seq| {
                let event = AuditEvent {
                    at: Timestamp(seq),
                    actor: "olga".into(),
                    event: "backup.started.v1".into(),
                    subject: AuditSubject::Told(format!("vm {seq}")),
                    plan_hash: None,
                    detail: Said::Text(String::new()),
                    address: None,
                };
                let hash = chain_hash(&previous, &event);
                previous.clone_from(&hash);
                AuditRow { seq, event, hash }
            })
            .collect()
    }

    #[test]
    fn an_untouched_trail_has_no_break() {
        assert_eq!(first_break(&trail()), None);
    }

    #[test]
    fn a_line_holds_what_its_hash_is_made_of() {
        let row = trail().remove(1);
        let line = TrailLine::new(row.clone(), "c0ffee").json().unwrap();
        let canonical = serde_json::to_string(&row.event).unwrap();
        let fields = canonical.trim_matches(['{', '}']);
        let hash = row.hash;
        assert_eq!(
            line,
            format!(
                "{{\"seq\":2,\"time\":\"1970-01-01T00:00:00.002Z\",{fields},\"previous\":\"c0ffee\",\"hash\":\"{hash}\"}}\n"
            )
        );
    }

    #[test]
    fn the_hash_of_an_early_row_is_what_it_was() {
        let event = trail().remove(0).event;
        let json = r#"{"at":1,"actor":"olga","event":"backup.started.v1","subject":"vm 1","plan_hash":null,"detail":"","address":null}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<AuditEvent>(json).unwrap(), event);
    }

    #[test]
    fn a_changed_or_missing_row_is_noticed() {
        let mut changed = trail();
        changed[1].event.actor = "eve".into();
        assert_eq!(first_break(&changed), Some(2));
        let mut missing = trail();
        missing.remove(2);
        assert_eq!(first_break(&missing), Some(4));
    }
}
