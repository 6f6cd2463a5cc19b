//! A Python literal as a value.

/// A literal as `vm.cfg` holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `'...'`, `"..."` or `u'...'`.
    Text(String),
    /// `1`, `-1`, `0x1f`, `1L`.
    Int(i64),
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
