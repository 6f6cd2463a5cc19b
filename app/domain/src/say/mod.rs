//! Words for what is stored and passed as values. Every language is a module with one function for each kind of value,
//! an exhaustive match over it: what one language lacks does not compile.
//!
//! To add a language: a module beside [`en`], and its arm wherever [`Language`] is matched here.

mod en;
mod told;

pub use told::{Explain, Told};

use crate::audit::Detail;
use crate::error::{AccountFlaw, Conflict, Invalid, ServiceError, StoredConflict};
use crate::fault::{Damage, Fault, HostFault, Left, StepFault, TargetFault};
use crate::handbook::Disaster;
use crate::note::Note;
use crate::plan::{
    Action, Bind, Check, Gap, Guard, NoReturn, Precondition, Probe, Refusal, Remark, RiskReason, Rule, Said, StepTitle,
    Task,
};
use crate::request::{Asked, Change, VoidApproval, Window};
use crate::run::{Message, RunKind};

/// A language that Holdfast speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
}

/// What can be said in every language.
pub trait Say {
    /// The words: a sentence, or a title, as the value is one.
    fn say(&self, language: Language) -> String;
}

impl<T: Say> Say for Said<T> {
    /// An old text stays in the language in which it was written.
    fn say(&self, language: Language) -> String {
        match self {
            Self::Typed(value) => value.say(language),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Sentences that follow each other.
pub fn together<T: Say>(values: &[T], language: Language) -> String {
    each(values, language).join(" ")
}

/// All of them said, for lists.
pub fn each<T: Say>(values: &[T], language: Language) -> Vec<String> {
    values.iter().map(|value| value.say(language)).collect()
}

impl Say for Asked {
    /// What is asked for, as a title without a full stop.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::request::asked(self),
        }
    }
}

impl Say for Change {
    /// What is different afterwards, a sentence for each thing.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::request::change(self),
        }
    }
}

impl Say for Window {
    /// When it is open, as the end of a sentence that begins with a run. Nothing when it is always open.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::request::window(self),
        }
    }
}

impl Say for StepTitle {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::plan::step_title(self),
        }
    }
}

impl Disaster {
    /// When its procedure is the right one, sentences.
    pub fn when(&self, language: Language) -> String {
        match language {
            Language::En => en::task::when(self),
        }
    }
}

impl Say for Disaster {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::task::disaster(self),
        }
    }
}

impl Task {
    /// Where it is done, as the end of a line that begins with "Where".
    pub fn place(&self, language: Language) -> String {
        match language {
            Language::En => en::task::place(self),
        }
    }

    /// What to know first, sentences; empty when there is nothing to know.
    pub fn advice(&self, language: Language) -> String {
        match language {
            Language::En => en::task::advice(self),
        }
    }

    /// What is to be seen afterwards, a sentence; none where only the value that is asked for tells.
    pub fn sight(&self, language: Language) -> Option<String> {
        match language {
            Language::En => en::task::sight(self),
        }
    }
}

impl Say for Rule {
    /// What the observation must be, a sentence; empty when there is no value.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::rule(self),
        }
    }
}

impl Say for Remark {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::plan::remark(self),
        }
    }
}

impl Say for RiskReason {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::plan::risk_reason(self),
        }
    }
}

impl Say for Gap {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::plan::gap(self),
        }
    }
}

impl Say for Precondition {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::precondition(self),
        }
    }
}

impl Say for Guard {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::guard(self),
        }
    }
}

impl Say for Check {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::check(self),
        }
    }
}

impl Say for Probe {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::probe(self),
        }
    }
}

impl Say for Bind {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::learned(self),
        }
    }
}

impl Say for NoReturn {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::no_return(*self),
        }
    }
}

impl Say for Action {
    /// What is to be known beside the command lines of the action; where it has none, what it does. Empty when the lines
    /// say everything.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::step::action(self),
        }
    }
}

impl Say for RunKind {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::run::kind(*self).to_owned(),
        }
    }
}

impl Say for Message {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::run::message(self),
        }
    }
}

impl Say for Note {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::run::note(self),
        }
    }
}

impl Say for VoidApproval {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::request::approval_void(self),
        }
    }
}

impl Say for Fault {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::fault::fault(self),
        }
    }
}

impl Say for StepFault {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::fault::step_fault(self),
        }
    }
}

impl Say for HostFault {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::host::fault(self),
        }
    }
}

impl Say for TargetFault {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::target::fault(self),
        }
    }
}

impl Say for Damage {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::fault::damage(self),
        }
    }
}

impl Say for Left {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::fault::left(self),
        }
    }
}

impl Say for Detail {
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::audit::detail(self),
        }
    }
}

impl Explain for ServiceError {
    fn explain(&self, language: Language) -> Told {
        match language {
            Language::En => en::error::error(self),
        }
    }
}

impl Explain for Conflict {
    fn explain(&self, language: Language) -> Told {
        match language {
            Language::En => en::conflict::conflict(self),
        }
    }
}

impl Explain for Refusal {
    fn explain(&self, language: Language) -> Told {
        match language {
            Language::En => en::refusal::refusal(self),
        }
    }
}

impl Say for Invalid {
    /// What is expected, for the field.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::flaw::invalid(self),
        }
    }
}

impl Say for AccountFlaw {
    /// What is expected, also before anything was entered.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::flaw::account(self),
        }
    }
}

impl Say for StoredConflict {
    /// What stands in the way.
    fn say(&self, language: Language) -> String {
        match language {
            Language::En => en::conflict::stored(self),
        }
    }
}
