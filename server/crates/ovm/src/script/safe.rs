//! The form of a rebuild script that may be run again and again: every step looks first, makes only what is missing, and
//! learns the id of what it found or made. The plain form for the command line is made of the same steps.

use super::{RebuildScript, ScriptLine};
use crate::estate::read::constant;
use crate::ovmcli::{Answer, Command, RenderError, Selector};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps in order; each needs the ones before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeScript {
    /// What the script cannot restore or relies on, as sentences.
    pub notes: Vec<String>,
    /// The steps.
    pub steps: Vec<SafeStep>,
    /// The names by which the plain form calls what the steps bind.
    pub names: BTreeMap<String, String>,
}

/// Look, make when missing, learn the id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeStep {
    /// For people, as a phrase.
    pub purpose: String,
    /// How to find out that nothing is to be done.
    pub look: Look,
    /// What to send when nothing was found. `${name}` stands for an id that an earlier step has bound, or for a secret.
    /// None: the object cannot be made; what needs it is left out when it is missing.
    pub command: Option<Command>,
    /// Under which name the id of what was found or made is known to later steps.
    pub bind: Option<String>,
    /// How the plain form says it.
    pub plain: PlainForm,
}

/// What the plain form, which cannot look, makes of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainForm {
    /// The same command.
    #[default]
    Same,
    /// Another command.
    Instead(Box<Command>),
    /// Nothing: on a new Manager the effect is there by then.
    Omitted,
}

/// How to find out that the effect of a step is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Not at all: doing it again does no harm.
    Never,
    /// For an object with one of these names (any name, when there is none) and all these traits. Among several, the
    /// first that no other step has taken.
    Object {
        /// Type.
        object_type: String,
        /// Names; a working name stands before the final one.
        names: Vec<String>,
        /// What `show` must say of it.
        traits: Vec<Trait>,
    },
    /// For a part of another object.
    Part {
        /// Type of the whole.
        owner_type: String,
        /// Its id.
        owner: String,
        /// Key under which the whole lists its parts, which is the type of the parts, too.
        object_type: String,
        /// What `show` must say of the part.
        part: Trait,
    },
    /// For something that the object says of itself: a value, or another object among those under the key.
    Says {
        /// Type.
        object_type: String,
        /// Id.
        id: String,
        /// What it says.
        says: Trait,
    },
}

/// A line of `show`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trait {
    /// The parts to look at instead of the object itself, for example `Vnic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_part: Option<String>,
    /// Key, without number.
    pub key: String,
    /// Value, or id of another object.
    pub value: String,
}

impl Trait {
    /// The object says so itself.
    pub fn new(key: &str, value: impl Into<String>) -> Self {
        Self {
            of_part: None,
            key: key.to_owned(),
            value: value.into(),
        }
    }

    /// One of its parts says so.
    pub fn of_part(part: &str, key: &str, value: impl Into<String>) -> Self {
        Self {
            of_part: Some(part.to_owned()),
            ..Self::new(key, value)
        }
    }

    /// Whether `show` says so: as a value, or as one of the objects under the key. But for names, the words of an
    /// enumeration are as good as its constant, and the case of letters does not matter.
    pub fn is_told_by(&self, answer: &Answer) -> bool {
        let under_key = answer.property(&self.key).into_iter().chain(answer.indexed(&self.key));
        let mut told =
            under_key.flat_map(|property| [Some(property.value.clone()), property.target().map(|one| one.id)]);
        told.any(|told| told.is_some_and(|told| self.is_meant_by(&told)))
    }

    fn is_meant_by(&self, told: &str) -> bool {
        let is_alike = || told.eq_ignore_ascii_case(&self.value) || constant(told) == self.value;
        told == self.value || !self.key.eq_ignore_ascii_case("Name") && is_alike()
    }
}

impl SafeScript {
    /// The commands alone, addressing everything by name: for the command line and for people.
    ///
    /// # Errors
    /// [`RenderError`] when a name cannot be written into a command.
    pub fn plain(&self) -> Result<RebuildScript, RenderError> {
        let mut script = RebuildScript {
            notes: self.notes.clone(),
            commands: Vec::new(),
        };
        for step in &self.steps {
            let command = match &step.plain {
                PlainForm::Same => step.command.as_ref(),
                PlainForm::Instead(other) => Some(other.as_ref()),
                PlainForm::Omitted => None,
            };
            let Some(command) = command else { continue };
            script.commands.push(ScriptLine {
                purpose: step.purpose.clone(),
                command: self.by_name(command)?,
            });
        }
        script.render_for_cli()?;
        Ok(script)
    }

    /// `${name}` of a bound id becomes the name of the object; of a secret it stays.
    fn by_name(&self, command: &Command) -> Result<Command, RenderError> {
        let by_name = |selector: &Selector| match selector {
            Selector::Id(id) if self.name(id).is_some() => Selector::Name(id.clone()),
            other => other.clone(),
        };
        let mut command = command.clone();
        command.selector = command.selector.as_ref().map(by_name);
        if let Some(target) = &mut command.target {
            target.selector = by_name(&target.selector);
        }
        command.try_map_values(|value| {
            let parts = value.split(',').map(|part| self.name(part).unwrap_or(part));
            Ok(match value.starts_with("${") {
                true => parts.collect::<Vec<_>>().join(","),
                false => value.to_owned(),
            })
        })
    }

    fn name(&self, placeholder: &str) -> Option<&str> {
        let name = placeholder.strip_prefix("${")?.strip_suffix('}')?;
        self.names.get(name).map(String::as_str)
    }
}
