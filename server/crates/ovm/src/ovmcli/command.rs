//! An OVMCLI command as a value: what the client sends, what a plan step holds, what a script prints.

use serde::{Deserialize, Serialize};

/// How the verbs begin that are about something inside an object.
const EMBEDDED: &str = "embedded";

/// Addresses one object. Ids are preferred everywhere because names are not unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// `id=...`
    Id(String),
    /// `name=...`
    Name(String),
}

/// `key=value`. The value is the plain text; quoting belongs to the renderer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attribute {
    /// Key as the manual spells it.
    pub key: String,
    /// Value before quoting.
    pub value: String,
}

/// One command line. `verb [Type [selector]] [embedded] attributes... [on|to|from Type selector]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    /// First word: `list`, `show`, `create`, `clone`, `getVmCfgFileContent`, ...
    pub verb: String,
    /// Object type after the verb, for example `Vm`; absent for `showversion`, `refreshAll` and `set`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_type: Option<String>,
    /// The object that the command acts on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
    /// What is made, changed or removed inside the object, for example `ipAddressConfig`; only `embeddedCreate` and its
    /// kin have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<String>,
    /// Attributes in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// `on`, `to` or `from`, with type and selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// The object behind `on`, `to` or `from`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// `on`, `to` or `from`.
    pub preposition: String,
    /// Object type, for example `ServerPool`.
    pub object_type: String,
    /// Which one.
    pub selector: Selector,
}

impl Command {
    /// A command of one word, for example `showversion`.
    pub fn new(verb: &str) -> Self {
        Self {
            verb: verb.to_owned(),
            object_type: None,
            selector: None,
            embedded: None,
            attributes: Vec::new(),
            target: None,
        }
    }

    /// A command on a type, for example `list Vm`.
    pub fn of_type(verb: &str, object_type: &str) -> Self {
        Self {
            object_type: Some(object_type.to_owned()),
            ..Self::new(verb)
        }
    }

    /// A command on one object by id, for example `show Vm id=...`.
    pub fn on_id(verb: &str, object_type: &str, id: impl Into<String>) -> Self {
        Self {
            selector: Some(Selector::Id(id.into())),
            ..Self::of_type(verb, object_type)
        }
    }

    /// A command on one object by name.
    pub fn on_name(verb: &str, object_type: &str, name: impl Into<String>) -> Self {
        Self {
            selector: Some(Selector::Name(name.into())),
            ..Self::of_type(verb, object_type)
        }
    }

    /// Says what inside the object the command is about, for example `ipAddressConfig`.
    #[must_use]
    pub fn inside(mut self, embedded: &str) -> Self {
        self.embedded = Some(embedded.to_owned());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.attributes.push(Attribute {
            key: key.to_owned(),
            value: value.into(),
        });
        self
    }

    /// Adds the object behind `on`, `to` or `from`.
    #[must_use]
    pub fn target(mut self, preposition: &str, object_type: &str, selector: Selector) -> Self {
        self.target = Some(Target {
            preposition: preposition.to_owned(),
            object_type: object_type.to_owned(),
            selector,
        });
        self
    }

    /// Whether the verb is this one, in any case.
    pub fn is(&self, verb: &str) -> bool {
        self.verb.eq_ignore_ascii_case(verb)
    }

    /// Whether the command is about this type of object, in any case.
    pub fn acts_on(&self, object_type: &str) -> bool {
        self.object_type
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(object_type))
    }

    /// Whether the command is about something inside the object, as `embeddedCreate` is.
    pub fn is_embedding(&self) -> bool {
        let start = self.verb.get(..EMBEDDED.len());
        self.object_type.is_some() && start.is_some_and(|start| start.eq_ignore_ascii_case(EMBEDDED))
    }

    /// Value of an attribute; of a repeated one the last counts, as the Manager has it.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let mut found = self
            .attributes
            .iter()
            .filter(|attribute| attribute.key.eq_ignore_ascii_case(key));
        found.next_back().map(|attribute| attribute.value.as_str())
    }

    /// The same command with every value replaced by `f(value)`. Used to put learned values in the place of `${...}`.
    pub fn try_map_values<E>(&self, mut f: impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut selector = |selector: &Selector| -> Result<Selector, E> {
            Ok(match selector {
                Selector::Id(value) => Selector::Id(f(value)?),
                Selector::Name(value) => Selector::Name(f(value)?),
            })
        };
        let own = self.selector.as_ref().map(&mut selector).transpose()?;
        let target = match &self.target {
            Some(target) => Some(Target {
                selector: selector(&target.selector)?,
                ..target.clone()
            }),
            None => None,
        };
        let attributes = self
            .attributes
            .iter()
            .map(|attribute| {
                Ok(Attribute {
                    key: attribute.key.clone(),
                    value: f(&attribute.value)?,
                })
            })
            .collect::<Result<_, E>>()?;
        Ok(Self {
            selector: own,
            attributes,
            target,
            ..self.clone()
        })
    }
}

impl Selector {
    /// The id or name.
    pub fn value(&self) -> &str {
        match self {
            Self::Id(value) | Self::Name(value) => value,
        }
    }

    /// `id` or `name`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Name(_) => "name",
        }
    }
}
