//! A Python literal as a value.

use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// A literal as `vm.cfg` holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `'...'`, `"..."` or `u'...'`.
    Text(String),
    /// `1`, `-1`, `0x1f`, `1L`.
    Int(i64),
    /// `1.5`, `1e3`, as written; never one of the values that are not numbers.
    Float(String),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
    /// `[...]`
    List(Vec<Value>),
    /// `(...)`
    Tuple(Vec<Value>),
    /// `{...}`, in the order of the text.
    Dict(Vec<(Value, Value)>),
}

impl Value {
    /// The string, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, when it is a list or a tuple.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) | Self::Tuple(list) => Some(list),
            _ => None,
        }
    }
}

/// As the JSON value that comes nearest: tuples are arrays, and keys of dictionaries that are no strings become some.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(text) => serializer.serialize_f64(text.parse().unwrap_or_default()),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::None => serializer.serialize_unit(),
            Self::List(list) | Self::Tuple(list) => serializer.collect_seq(list),
            Self::Dict(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| (key.to_key(), value));
                serializer.collect_map(last_of_each(pairs))
            }
        }
    }
}

impl Value {
    /// The key of a JSON object.
    fn to_key(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => super::render::literal(other),
        }
    }
}

/// Of pairs with the same key the value of the last in the place of the first, as in a Python dictionary.
pub(super) fn last_of_each<'a>(pairs: impl Iterator<Item = (String, &'a Value)>) -> Vec<(String, &'a Value)> {
    let mut found: Vec<(String, &Value)> = Vec::new();
    let mut places = HashMap::new();
    for (key, value) in pairs {
        match places.get(&key) {
            Some(&place) => found[place] = (key, value),
            None => {
                places.insert(key.clone(), found.len());
                found.push((key, value));
            }
        }
    }
    found
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl FromIterator<String> for Value {
    fn from_iter<I: IntoIterator<Item = String>>(elements: I) -> Self {
        Self::List(elements.into_iter().map(Self::Text).collect())
    }
}
