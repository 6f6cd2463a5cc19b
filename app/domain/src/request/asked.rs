//! What is asked for: that a plan runs, or that something is changed which a second person has to look at.

use super::window::Window;
use crate::ids::PointId;
use crate::plan::PlanHash;
use crate::policy::{Policy, RestoreGate};
use crate::subject::Subject;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of what is asked for, in hex: the hash of the plan, or that of the change. A vote bears it, so that it counts
/// for what was on the screen of the voter and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskedHash(String);

impl AskedHash {
    /// Takes a hash as it was stored or sent.
    pub fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits, for pages.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl From<&PlanHash> for AskedHash {
    fn from(hash: &PlanHash) -> Self {
        Self(hash.as_str().to_owned())
    }
}

impl fmt::Display for AskedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "asked", rename_all = "snake_case")]
pub enum Asked {
    /// That exactly this plan runs.
    Plan {
        /// Its hash.
        hash: PlanHash,
        /// The recovery point that it restores.
        point: PointId,
        /// What is to be restored.
        subject: Subject,
        /// When its run may begin.
        window: Window,
    },
    /// That something is changed. It is done with the last vote.
    Change(Change),
}

impl Asked {
    /// What a vote has to bear.
    pub fn hash(&self) -> AskedHash {
        match self {
            Self::Plan { hash, .. } => hash.into(),
            Self::Change(change) => change.hash(),
        }
    }

    /// The object that it is about; none for what governs many.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Plan { subject, .. } | Self::Change(Change::Assignment { subject, .. }) => Some(subject),
            Self::Change(Change::Policy { .. }) => None,
        }
    }

    /// The name of what it is about; whoever approves it types it.
    pub fn name(&self) -> &str {
        match self {
            Self::Plan { subject, .. } | Self::Change(Change::Assignment { subject, .. }) => &subject.name,
            Self::Change(Change::Policy { from, .. }) => &from.rules.name,
        }
    }

    /// The plan, where it asks for one.
    pub fn plan(&self) -> Option<&PlanHash> {
        match self {
            Self::Plan { hash, .. } => Some(hash),
            Self::Change(_) => None,
        }
    }

    /// When its run may begin; always, for what has none.
    pub fn window(&self) -> Window {
        match self {
            Self::Plan { window, .. } => *window,
            Self::Change(_) => Window::default(),
        }
    }
}

/// A change, from what there was when it was asked for to what is to be. It is done only while the first is still so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A protection policy gets other rules, or goes to another team.
    Policy {
        /// As it was.
        from: Policy,
        /// As it is to be.
        to: Policy,
    },
    /// An object is put under another policy, or under none.
    Assignment {
        /// The object.
        subject: Subject,
        /// What it was under.
        from: Option<Policy>,
        /// What it is to be under.
        to: Option<Policy>,
    },
}

impl Change {
    /// What a restore needs before and after it.
    pub fn gates(&self) -> (RestoreGate, RestoreGate) {
        match self {
            Self::Policy { from, to } => (from.rules.restore_gate, to.rules.restore_gate),
            Self::Assignment { from, to, .. } => (RestoreGate::under(from.as_ref()), RestoreGate::under(to.as_ref())),
        }
    }

    /// How many people have to approve it: as many as the restores that it makes easier needed so far. None when it makes
    /// none easier.
    pub fn approvals_needed(&self) -> u8 {
        let (from, to) = self.gates();
        match to.is_looser_than(from) {
            true => from.approvals(),
            false => 0,
        }
    }

    /// SHA-256 of its JSON. Every field of it is read back as it was written, so it comes out the same at any time.
    fn hash(&self) -> AskedHash {
        // A change of these types can always be written; an empty text would be the hash of no change.
        let json = serde_json::to_vec(self).unwrap_or_default();
        AskedHash(hex::encode(Sha256::digest(json)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ManagerId, PolicyId};
    use crate::policy::PolicyRules;
    use ovm::ids::VmId;
    use proptest::prelude::*;

    fn policy(id: &str, gate: RestoreGate) -> Policy {
        let rules = PolicyRules {
            name: id.to_owned(),
            restore_gate: gate,
            ..PolicyRules::usual()
        };
        Policy {
            id: PolicyId::new(id),
            team: None,
            rules,
        }
    }

    fn gate() -> impl Strategy<Value = RestoreGate> {
        prop_oneof![
            Just(RestoreGate::Free),
            (1_u8..=5).prop_map(|approvers| RestoreGate::Approval { approvers }),
        ]
    }

    fn assignment(from: Option<Policy>, to: Option<Policy>) -> Change {
        let subject = Subject::vm(&ManagerId::new("m1"), &VmId::new("0004fb"), "slot011");
        Change::Assignment { subject, from, to }
    }

    proptest! {
        #[test]
        fn a_change_needs_approval_exactly_when_fewer_people_would_have_to_approve_a_restore(from in gate(), to in gate()) {
            let of_policy = Change::Policy { from: policy("a", from), to: policy("a", to) };
            let of_machine = assignment(Some(policy("a", from)), Some(policy("b", to)));
            let needed = if to.approvals() < from.approvals() { from.approvals() } else { 0 };
            prop_assert_eq!(of_policy.approvals_needed(), needed);
            prop_assert_eq!(of_machine.approvals_needed(), needed);
        }

        #[test]
        fn no_way_round_is_easier_than_the_straight_one(from in gate(), through in proptest::option::of(gate()), to in gate()) {
            let (from, through, to) = (policy("a", from), through.map(|gate| policy("b", gate)), policy("c", to));
            let straight = assignment(Some(from.clone()), Some(to.clone())).approvals_needed();
            let first = assignment(Some(from), through.clone()).approvals_needed();
            let second = assignment(through, Some(to)).approvals_needed();
            prop_assert!(first.max(second) >= straight);
        }

        #[test]
        fn a_change_that_is_stored_and_read_back_has_the_same_hash(from in gate(), to in gate()) {
            let change = Change::Policy { from: policy("a", from), to: policy("a", to) };
            let again: Change = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
            prop_assert_eq!(change.hash(), again.hash());
            let back = Change::Policy { from: policy("a", to), to: policy("a", from) };
            prop_assert_eq!(change.hash() == back.hash(), from == to);
        }
    }

    #[test]
    fn what_is_under_no_policy_needs_one_approval() {
        let two = || Some(policy("two", RestoreGate::Approval { approvers: 2 }));
        assert_eq!(assignment(two(), None).approvals_needed(), 2);
        assert_eq!(assignment(None, two()).approvals_needed(), 0);
        let free = || Some(policy("free", RestoreGate::Free));
        assert_eq!(assignment(None, free()).approvals_needed(), 1);
        assert_eq!(assignment(free(), None).approvals_needed(), 0);
    }
}
