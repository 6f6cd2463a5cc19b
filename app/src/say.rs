//! Words of values, in the language of whoever reads the page.

use domain::say::{Language, Say};

/// The language of the reader. There is one so far.
pub(crate) fn language() -> Language {
    Language::default()
}

/// The words of a value.
pub(crate) fn say(value: &impl Say) -> String {
    value.say(language())
}

/// The words of values that follow each other, as one text.
pub(crate) fn together<T: Say>(values: &[T]) -> String {
    domain::say::together(values, language())
}

/// The words of all of them.
pub(crate) fn each<T: Say>(values: &[T]) -> Vec<String> {
    domain::say::each(values, language())
}
