//! What a step asks a person: to decide, or to do by hand what Holdfast cannot do, and to say what was seen.

use ovm::ovmcli::Command;
use ovm::shell::Shell;
use serde::{Deserialize, Serialize};

/// A question. The run waits for the answer, and has nobody's place meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// To keep what the plan has done, or to have it undone. Without an answer in time it is undone.
    Decide {
        /// Hours to answer.
        within_hours: u32,
    },
    /// To do the task that the step is named for, and to say what is seen afterwards. There is no end to the time: only
    /// the one who does it knows how long it takes. Whoever cannot do it has the run undone.
    Confirm {
        /// What is typed for it, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<Line>,
        /// What must be seen.
        expects: Rule,
    },
}

/// A command line for a person to type or copy. Words in capital letters that begin with `NEW_` or `OLD_` stand for what
/// only the person can know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// After the Manager's prompt.
    Ovmcli(Command),
    /// In a shell.
    Shell(Shell),
}

/// What an observation must be so that the run goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// What the step says can be seen. The person says so; there is no value.
    Seen,
    /// Exactly this value: a WWID, a UUID, a hash. The case of letters does not matter.
    Equal {
        /// The value.
        to: String,
    },
    /// Any value, which the steps that follow need.
    Given,
}

/// Characters that an observation has at most.
pub const LONGEST_OBSERVATION: usize = 300;

impl Rule {
    /// Whether the answer counts for the value of an observation, without the white space around it.
    pub fn is_met_by(&self, observed: &str) -> bool {
        let observed = observed.trim();
        match self {
            Self::Seen => true,
            Self::Equal { to } => observed.eq_ignore_ascii_case(to.trim()),
            Self::Given => !observed.is_empty(),
        }
    }

    /// Whether a value is to be given.
    pub fn wants_value(&self) -> bool {
        !matches!(self, Self::Seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_must_be_the_one_that_the_rule_names() {
        let rule = Rule::Equal { to: "0004FB".into() };
        assert!(rule.is_met_by(" 0004fb\n"));
        for other in ["", "0004fb00", "0004f"] {
            assert!(!rule.is_met_by(other), "{other}");
        }
    }

    #[test]
    fn a_value_that_later_steps_need_is_not_empty() {
        assert!(Rule::Given.is_met_by("/dev/mapper/x") && !Rule::Given.is_met_by(" \t"));
        assert!(Rule::Given.wants_value() && !Rule::Seen.wants_value());
        assert!(Rule::Seen.is_met_by(""));
    }
}
