//! Checks single values.

use super::{finding::Code, near::expected as nearest_of};
use crate::ovmcli::schema::{Kind, holds};

/// How placeholders begin, in scripts that are filled in later; what they will be is not known.
pub(super) fn is_placeholder(value: &str) -> bool {
    value.contains("${")
}

/// What is wrong with a value, and what should stand there.
pub(super) fn check(kind: Kind, value: &str, mandatory: bool) -> Option<(Code, String)> {
    if is_placeholder(value) {
        return None;
    }
    let bad = |expected: String| Some((Code::BadValue, expected));
    match kind {
        Kind::Text if mandatory && value.is_empty() => bad("a text that is not empty".to_owned()),
        Kind::Text => None,
        Kind::Short(most) if value.chars().count() > most => {
            Some((Code::OutOfRange, format!("at most {most} characters")))
        }
        Kind::Short(_) => None,
        Kind::Number(least, most, unit) => number(least, most, unit, value),
        Kind::YesNo if holds(&["Yes", "No"], value) => None,
        Kind::YesNo => bad("Yes or No".to_owned()),
        Kind::Word(words) if holds(words, value) => None,
        Kind::Word(words) => bad(nearest_of(value, words)),
        Kind::Words(words) => {
            let wrong = elements(value).find(|element| !holds(words, element))?;
            bad(nearest_of(wrong, words))
        }
        Kind::Mac if is_mac(value) => None,
        Kind::Mac => bad("six octets such as 00:21:f6:00:00:01".to_owned()),
        Kind::Object(_) | Kind::ObjectOr(..) | Kind::Objects(_) if value.is_empty() => {
            bad("an id or a name".to_owned())
        }
        Kind::Object(_) | Kind::ObjectOr(..) | Kind::Objects(_) => None,
    }
}

/// The elements of a list; an empty text is an empty list.
pub(super) fn elements(value: &str) -> impl Iterator<Item = &str> {
    let parts = if value.is_empty() { None } else { Some(value.split(',')) };
    parts.into_iter().flatten().map(str::trim)
}

fn number(least: u64, most: u64, unit: &str, value: &str) -> Option<(Code, String)> {
    let space = if unit.is_empty() { "" } else { " " };
    let expected = match most {
        most if most == u64::from(u32::MAX) => format!("a whole number{space}{unit}"),
        _ => format!("a whole number from {least} to {most}{space}{unit}"),
    };
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse::<u64>() {
        Ok(number) if (least..=most).contains(&number) => None,
        _ if numeric => Some((Code::OutOfRange, expected)),
        _ => Some((Code::BadValue, expected)),
    }
}

/// Whether the text is a MAC address.
pub(super) fn is_mac(value: &str) -> bool {
    let octet = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    value.split(':').count() == 6 && value.split(':').all(octet)
}
