//! Reads single lines of an answer: items, properties, references, error codes. No state.

use super::{Item, OvmError, Property, Reference, Status};

/// A line of the header. Status, time and job count only when well-formed: error texts have lines that look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header<'a> {
    Command(&'a str),
    Status(Status),
    Time(&'a str),
    JobId(&'a str),
    Error(&'a str),
    Data(&'a str),
}

/// The line as one of the header.
pub(super) fn header(line: &str) -> Option<Header<'_>> {
    let (key, value) = line.split_once(':')?;
    let value = value.trim();
    match (key, value) {
        ("Command", _) => Some(Header::Command(value)),
        ("Status", "Success") => Some(Header::Status(Status::Success)),
        ("Status", "Failure") => Some(Header::Status(Status::Failure)),
        ("Time", _) if value.starts_with(|first: char| first.is_ascii_digit()) => Some(Header::Time(value)),
        ("JobId", _) if value.parse::<u64>().is_ok() => Some(Header::JobId(value)),
        ("Error Msg", _) => Some(Header::Error(value)),
        ("Data", _) => Some(Header::Data(value)),
        _ => None,
    }
}

/// `id:...  name:...`. The first `  name:` separates, since ids and names hold blanks and colons.
pub(super) fn item(line: &str) -> Option<Item> {
    let rest = line.trim_start().strip_prefix("id:")?;
    let (id, name) = rest.split_once("  name:").or_else(|| rest.split_once(" name:"))?;
    Some(Item {
        id: id.trim().to_owned(),
        name: name.trim_end().to_owned(),
    })
}

/// `key = value`. The first ` = ` separates, since values hold it too; a value can be empty.
pub(super) fn property(line: &str) -> Option<Property> {
    let line = line.trim();
    let (key, value) = line
        .split_once(" = ")
        .or_else(|| Some((line.strip_suffix(" =")?, "")))?;
    (!key.is_empty()).then(|| Property {
        key: key.trim().to_owned(),
        value: value.trim().to_owned(),
        reference: reference(value.trim()),
    })
}

/// `id  [name]`. The first two blanks with a bracket separate; the name may hold brackets.
fn reference(value: &str) -> Option<Reference> {
    let (id, name) = value.strip_suffix(']')?.split_once("  [")?;
    (!id.is_empty()).then(|| Reference {
        id: id.to_owned(),
        name: name.to_owned(),
    })
}

/// Adds a line to a value that has several, with the blank lines before it; such a value is no reference.
pub(super) fn continue_value(property: &mut Property, blanks: usize, line: &str) {
    property.value.push_str(&"\n".repeat(blanks + 1));
    property.value.push_str(line.trim_end());
    property.reference = None;
}

/// An error text with its catalogue code: the first of a known family, else what stands at its beginning.
pub(super) fn error(lines: &[String]) -> OvmError {
    let message = lines.join("\n").trim().to_owned();
    let begins = words(&message).next().filter(|word| is_code(word));
    OvmError {
        code: known_code(&message).or(begins).map(str::to_owned),
        message,
    }
}

/// The first code of a known family in a text. Names of objects look like codes of others: `DATA_2021`.
pub(super) fn known_code(text: &str) -> Option<&str> {
    words(text).find(|word| is_known_code(word))
}

/// Whether a text begins with a code of a known family.
pub(super) fn begins_with_code(text: &str) -> bool {
    words(text.trim_start()).next().is_some_and(is_known_code)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
}

/// `GEN_000029`, or `OVM` with the name of a part: `OVMAPI_4010E`, `OVMRU_002030E`, `OVMAPI_B000E`.
fn is_known_code(word: &str) -> bool {
    let known = |family: &str| family == "GEN" || family.strip_prefix("OVM").is_some_and(|part| !part.is_empty());
    is_code(word) && word.split_once('_').is_some_and(|(family, _)| known(family))
}

/// Capitals, an underscore, at least four digits, of which the first may be hexadecimal, perhaps a closing capital.
fn is_code(word: &str) -> bool {
    word.split_once('_').is_some_and(|(family, number)| {
        let digits = number
            .strip_suffix(|last: char| last.is_ascii_uppercase())
            .unwrap_or(number);
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        !family.is_empty()
            && family.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.len() >= 4
            && digits.bytes().all(is_digit)
            && digits.ends_with(|last: char| last.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_with_difficult_ids_and_names() {
        let read = |line| item(line).map(|item| (item.id, item.name));
        let pair = |id: &str, name: &str| Some((id.to_owned(), name.to_owned()));
        assert_eq!(read("  id:0a:0b  name:ora data  (2);"), pair("0a:0b", "ora data  (2);"));
        assert_eq!(
            read("  id:Group A @ Array: 1  name:x  name:y"),
            pair("Group A @ Array: 1", "x  name:y")
        );
        assert_eq!(read("  id:17  name:"), pair("17", ""));
        assert_eq!(read("  name:x"), None);
    }

    #[test]
    fn properties_split_at_the_first_equals() {
        let read = |line: &str| property(line).unwrap();
        assert_eq!(read("  Ip Address Config 1 - Address =  10.0.0.1 ").value, "10.0.0.1");
        assert_eq!(read("  Description = a = b [c]").value, "a = b [c]");
        assert_eq!(
            (read("  Description = ").value, read("  Description =").value),
            (String::new(), String::new())
        );
        assert_eq!(property("  vnc=1"), None);
    }

    #[test]
    fn references_keep_brackets_in_names() {
        let read = |value: &str| reference(value).map(|found| (found.id, found.name));
        assert_eq!(
            read("12  [Mapping [a] (b)]"),
            Some(("12".into(), "Mapping [a] (b)".into()))
        );
        assert_eq!(read("One @ Two  [x]  [y]"), Some(("One @ Two".into(), "x]  [y".into())));
        assert_eq!(read("12 [one blank]"), None);
    }

    #[test]
    fn codes_are_found_wherever_they_stand() {
        let code = |text: &str| error(&[text.to_owned()]).code;
        assert_eq!(code("OVMAPI_4010E Attempt to send"), Some("OVMAPI_4010E".into()));
        assert_eq!(code("Exception: GEN_000029:Object a:00"), Some("GEN_000029".into()));
        assert_eq!(code("OVMAPI_B000E Storage failed"), Some("OVMAPI_B000E".into()));
        assert_eq!(code("Disk DATA_2021: OVMRU_002030E no"), Some("OVMRU_002030E".into()));
        assert_eq!(code("STO_001234: no"), Some("STO_001234".into()));
        assert_eq!(code("Disk DATA_2021 cannot grow, nor can vm_0001"), None);
    }
}
