//! Answers of the Manager as values, and how to look into them.
//!
//! Little is known for certain about the layout, so nothing here depends on the order of keys, on keys being present
//! or on their exact spelling in all versions: keys are compared in any case, and `Repository` finds `Repository Id`.

mod data;
mod draft;
mod lines;
mod parser;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use parser::{AnswerParser, parse_answers};

/// How the Manager says that the object was in use; the command may be sent again later.
const LOCKED: &str = "GEN_000029";

/// What became of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// `Status: Success`, in an answer that came in full.
    Success,
    /// `Status: Failure`, in an answer that came in full.
    Failure,
    /// No status line, a contradiction, or a cut-off answer: look at the estate before going on.
    #[default]
    Unknown,
}

/// The answer to one command. Its JSON form is what `holdfast inspect ovmcli` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The command as the Manager echoed it.
    pub command: Option<String>,
    /// Success, failure or unknown.
    pub status: Status,
    /// The output ended in the middle of this answer.
    pub truncated: bool,
    /// Local time of the Manager as printed.
    pub time: Option<String>,
    /// Job of the command: milliseconds since 1970 when it was made.
    pub job_id: Option<String>,
    /// What went wrong.
    pub error: Option<OvmError>,
    /// `id: ... name: ...` lines: lists, and the new object of create, clone and import.
    pub items: Vec<Item>,
    /// `key = value` lines in order; keys can repeat.
    pub properties: Vec<Property>,
    /// Lines that are neither: help, versions, the content of `vm.cfg`.
    pub text: Vec<String>,
    /// How many lines of `text` came before the data: warnings, for example.
    #[serde(skip)]
    pub text_before_data: usize,
    /// The answer as it came, with `\n` as line end.
    #[serde(skip)]
    pub raw: String,
}

/// An error text with its catalogue code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OvmError {
    /// For example `GEN_000029` or `OVMAPI_4010E`.
    pub code: Option<String>,
    /// The text in full, code included; may have several lines.
    pub message: String,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Id; of some types it holds blanks and colons.
    pub id: String,
    /// Name; not unique.
    pub name: String,
}

/// A line of `show`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Key as printed.
    pub key: String,
    /// Value without blanks around it; the lines of a value that has several are joined by `\n`.
    pub value: String,
    /// The value read as `id  [name]`, when it has that form.
    pub reference: Option<Reference>,
}

/// Another object, as a value names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Id.
    pub id: String,
    /// Name; empty when the Manager printed the id alone.
    pub name: String,
}

impl Property {
    /// The value as a reference; a value without brackets is an id alone, as 3.2 prints some. `None` when it is empty.
    pub fn target(&self) -> Option<Reference> {
        let alone = || Reference {
            id: self.value.clone(),
            name: String::new(),
        };
        (!self.value.is_empty()).then(|| self.reference.clone().unwrap_or_else(alone))
    }

    /// Whether the value is `Yes` or `true`, as far as is known the two words for it.
    pub fn says_yes(&self) -> bool {
        ["yes", "true"].iter().any(|word| self.value.eq_ignore_ascii_case(word))
    }

    /// Whether the key is this one, in any case and with or without a trailing ` Id`.
    pub fn has_key(&self, key: &str) -> bool {
        normal(&self.key) == normal(key)
    }

    /// Position from a key such as `Vnic 2`, when its first part is `prefix`.
    fn index(&self, prefix: &str) -> Option<u32> {
        let (head, number) = self.key.rsplit_once(' ')?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if digits && normal(head) == normal(prefix) {
            number.parse().ok()
        } else {
            None
        }
    }
}

/// Key in lower case, without a trailing ` id`.
fn normal(key: &str) -> String {
    let key = key.trim().to_lowercase();
    key.strip_suffix(" id")
        .map_or_else(|| key.clone(), |head| head.trim_end().to_owned())
}

impl Answer {
    /// Whether this is nothing but text that answers no command: a banner, or what ssh says when it ends.
    pub fn is_talk(&self) -> bool {
        let header = self.command.is_some() || self.time.is_some() || self.job_id.is_some();
        let data = !self.items.is_empty() || !self.properties.is_empty();
        !header && !data && self.error.is_none() && self.status == Status::Unknown
    }

    /// The first property with this key.
    pub fn property(&self, key: &str) -> Option<&Property> {
        let exact = self
            .properties
            .iter()
            .find(|property| property.key.eq_ignore_ascii_case(key));
        exact.or_else(|| self.properties.iter().find(|property| property.has_key(key)))
    }

    /// Its value as printed.
    pub fn scalar(&self, key: &str) -> Option<&str> {
        self.property(key).map(|property| property.value.as_str())
    }

    /// Its value as another object.
    pub fn reference(&self, key: &str) -> Option<Reference> {
        self.property(key)?.target()
    }

    /// The properties `prefix 1`, `prefix 2` and so on, by number: their order in the answer is not reliable.
    pub fn indexed(&self, prefix: &str) -> Vec<&Property> {
        let numbered = |property| Property::index(property, prefix).map(|index| (index, property));
        let mut found: Vec<_> = self.properties.iter().filter_map(numbered).collect();
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, property)| property).collect()
    }

    /// Whether the command failed because the object was in use by another one.
    pub fn is_locked(&self) -> bool {
        let in_error = self.error.as_ref().is_some_and(|error| error.message.contains(LOCKED));
        let in_text = || self.status != Status::Success && self.text.iter().any(|line| line.contains(LOCKED));
        in_error || in_text()
    }

    /// The free text of the data as a document: lines joined, and the two leading blanks of data lines removed when all
    /// have them.
    pub fn document(&self) -> String {
        let text = self.text.get(self.text_before_data..).unwrap_or_default();
        let indented = |line: &String| line.trim().is_empty() || line.starts_with("  ");
        let skip = if text.iter().all(indented) { 2 } else { 0 };
        let mut document = String::new();
        for line in text {
            document.push_str(line.get(skip..).unwrap_or_default());
            document.push('\n');
        }
        document
    }
}
