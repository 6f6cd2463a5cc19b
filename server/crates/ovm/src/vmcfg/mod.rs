//! `vm.cfg`, the definition of a virtual machine on the servers: Python text of the form `key = literal`. It is read
//! by a parser for literals and never evaluated. Keys come in an order that changes with each write and means nothing;
//! it is kept nevertheless, so that a file can be written back with one value changed.

mod devices;
mod inspect;
mod parse;
mod render;
mod value;
mod warnings;

pub use devices::{DiskEntry, DiskKind, VifEntry};
pub use inspect::{Inspection, NotVmCfg, inspect};
pub use value::Value;

use thiserror::Error;

/// Why a text is not a `vm.cfg`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("vm.cfg cannot be read at line {line}, column {column}: {message}")]
pub struct VmCfgError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// A parsed `vm.cfg`: keys with values in the order of the file. Comments are not kept; the Manager drops them too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VmCfg {
    entries: Vec<(String, Value)>,
}

impl VmCfg {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, VmCfgError> {
        parse::parse(text).map(|entries| Self { entries })
    }

    /// The text of a file: one `key = literal` a line.
    pub fn render(&self) -> String {
        render::render(&self.entries)
    }

    /// Keys and values in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value of a key; of a repeated key the last counts, as in Python.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find(|(own, _)| own == key)
            .map(|(_, value)| value)
    }

    /// The value of a key when it is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// The value of a key when it is a whole number; some tools write it in quotes.
    pub fn number(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Int(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Replaces the value of a key, or adds the key at the end. A key that is not a Python name is refused.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> Result<(), InvalidKey> {
        if !parse::is_name(key) {
            return Err(InvalidKey { key: key.to_owned() });
        }
        let value = value.into();
        match self.entries.iter_mut().rev().find(|(own, _)| own == key) {
            Some((_, own)) => *own = value,
            None => self.entries.push((key.to_owned(), value)),
        }
        Ok(())
    }

    /// The same with one value replaced or added.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Result<Self, InvalidKey> {
        self.set(key, value)?;
        Ok(self)
    }

    /// The disks and CD drives, in the order of the list. Elements that cannot be understood are left out here and
    /// named by [`VmCfg::warnings`].
    pub fn disks(&self) -> Vec<DiskEntry> {
        self.elements("disk").filter_map(DiskEntry::parse).collect()
    }

    /// The network cards, in the order of the list.
    pub fn vifs(&self) -> Vec<VifEntry> {
        self.elements("vif").map(VifEntry::parse).collect()
    }

    /// What a person should look at, as sentences.
    pub fn warnings(&self) -> Vec<String> {
        warnings::of(&self.entries)
            .into_iter()
            .map(|(_, warning)| warning)
            .collect()
    }

    /// The strings of a list.
    fn elements(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key).map(strings).into_iter().flatten()
    }
}

/// The strings of a list; nothing else has any.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_list().unwrap_or_default();
    list.iter().filter_map(Value::as_text)
}

/// A key that `vm.cfg` cannot have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{key}` cannot be a key of vm.cfg; use letters, digits and underscores")]
pub struct InvalidKey {
    /// The key.
    pub key: String,
}

#[cfg(test)]
mod tests;
