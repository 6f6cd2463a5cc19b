//! Objects that Holdfast describes and builds again, but does not work with: they need no types of their own. What they
//! say of themselves is kept as attributes, what they say of others as links.

use super::{Attributes, Kind};
use serde::{Deserialize, Serialize};

/// An object of one of the types that are all treated alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Its type.
    pub kind: Kind,
    /// Id. Of some types it is free text with blanks.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The objects that it names, in the order of their keys.
    pub links: Vec<Link>,
    /// Every other attribute, known to the model or not.
    pub attributes: Attributes,
}

/// One object naming another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The key without number, for example `Admin Server`.
    pub role: String,
    /// Type of the other object.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its name as printed beside the id; empty when there was none.
    pub name: String,
}

impl Object {
    /// Value of an attribute that is not empty; the key in any case.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        attribute(&self.attributes, key)
    }

    /// Ids of the objects of this type that it names.
    pub fn links(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let of_kind = self.links.iter().filter(move |link| link.kind == kind);
        of_kind.map(|link| link.id.as_str())
    }

    /// The objects that it names under a key.
    pub fn links_as(&self, role: &str) -> impl Iterator<Item = &str> {
        let named = self.links.iter().filter(move |link| link.role == role);
        named.map(|link| link.id.as_str())
    }

    /// Id of the only or first object of this type that it names.
    pub fn link(&self, kind: Kind) -> Option<&str> {
        self.links(kind).next()
    }
}

/// Value of an attribute that is not empty; the key in any case.
pub fn attribute<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    let mut found = attributes.iter().filter(|(own, _)| own.eq_ignore_ascii_case(key));
    found
        .next()
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// Ids under `prefix 1`, `prefix 2` and so on (or `prefix` alone) among attributes that no field has taken.
pub fn references<'a>(attributes: &'a Attributes, prefix: &str) -> Vec<&'a str> {
    let named = attributes
        .iter()
        .filter(|(key, value)| stem(key) == stem(prefix) && !value.is_empty());
    named.map(|(_, value)| split_reference(value).0).collect()
}

/// Id and name of a value `id  [name]`; a value of another form is an id alone.
pub fn split_reference(value: &str) -> (&str, &str) {
    value
        .strip_suffix(']')
        .and_then(|inside| inside.split_once("  ["))
        .unwrap_or((value, ""))
}

/// A key without case, blanks, trailing number and trailing `Id`: `Bond Port 2`, `BondPort Id` and `bond port` are one.
pub(crate) fn stem(key: &str) -> String {
    let key = key.trim_end_matches(|last: char| last.is_ascii_digit());
    let key = key.trim().to_lowercase();
    let key = key.strip_suffix(" id").unwrap_or(&key);
    key.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_all_spellings_have_one_stem() {
        for key in ["Bond Port", "BondPort 12", "bond port id", " Bond Port Id "] {
            assert_eq!(stem(key), "bondport", "{key}");
        }
        assert_ne!(stem("Port 1"), stem("Bond Port 1"));
        assert_eq!(stem("Manager UUID"), "manageruuid");
    }

    #[test]
    fn references_are_found_among_other_attributes() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let attributes = vec![
            pair("Port 1", "p1  [eth0 [a] on ovs1]"),
            pair("Port 2", "p2"),
            pair("Port 3", ""),
            pair("MTU", "1500"),
        ];
        assert_eq!(references(&attributes, "Port"), ["p1", "p2"]);
        assert_eq!(attribute(&attributes, "mtu"), Some("1500"));
        assert_eq!(split_reference("a b  [c]  [d]"), ("a b", "c]  [d"));
    }
}
