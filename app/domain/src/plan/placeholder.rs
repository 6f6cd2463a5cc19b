//! `${name}` in the texts of a plan, and the values that a run has learned for them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Values learned so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bindings(pub BTreeMap<String, String>);

/// A step uses a value that no step before it has learned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("The value {name} is not known yet: no earlier step has learned it.")]
pub struct UnboundPlaceholder {
    /// Name inside `${}`.
    pub name: String,
}

impl Bindings {
    /// Puts the learned values into a text. A `$` that starts no placeholder stays.
    ///
    /// # Errors
    /// [`UnboundPlaceholder`] when a name is not known.
    pub fn resolve(&self, text: &str) -> Result<String, UnboundPlaceholder> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, after) = rest.split_at(start);
            let Some((name, tail)) = after.get(2..).and_then(|body| body.split_once('}')) else {
                break;
            };
            let value = self
                .0
                .get(name)
                .ok_or_else(|| UnboundPlaceholder { name: name.to_owned() })?;
            resolved.push_str(before);
            resolved.push_str(value);
            rest = tail;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Bindings {
        Bindings([("clone".to_owned(), "0004fb".to_owned())].into())
    }

    #[test]
    fn known_names_are_replaced_and_other_dollars_stay() {
        assert_eq!(
            known().resolve("id=${clone} costs $5 ${").unwrap(),
            "id=0004fb costs $5 ${"
        );
    }

    #[test]
    fn an_unknown_name_is_an_error_that_names_it() {
        assert_eq!(known().resolve("${other}").unwrap_err().name, "other");
    }

    #[test]
    fn a_value_is_not_searched_for_placeholders_again() {
        let bindings = Bindings([("a".to_owned(), "${b}".to_owned())].into());
        assert_eq!(bindings.resolve("${a}").unwrap(), "${b}");
    }
}
