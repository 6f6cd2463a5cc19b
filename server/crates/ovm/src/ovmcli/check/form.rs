//! Finds the form of the schema that a command has, or says why there is none.

use super::{
    finding::{Code, Finding},
    near::{choice, nearest},
};
use crate::ovmcli::{
    Command, Version,
    parse::Columns,
    schema::{self, Form, Known},
};

/// More words than these are not listed in a finding.
const MOST_LISTED: usize = 12;

/// The form that a command has, in this release or, failing that, in another one.
pub(super) fn any_form(command: &Command, version: Version) -> Option<&'static Form> {
    let mut fitting = schema::forms().filter(|form| fits(form, command));
    let first = fitting.next()?;
    let known = |form: &&Form| form.known.is_in(version);
    Some(
        Some(first)
            .filter(known)
            .or_else(|| fitting.find(known))
            .unwrap_or(first),
    )
}

/// Whether the verb and the type are those of the form.
pub(super) fn fits(form: &Form, command: &Command) -> bool {
    command.is(form.verb)
        && match &command.object_type {
            Some(object_type) => form.takes_type(object_type),
            None => form.types.is_empty(),
        }
}

/// The form of the command in this release, or why there is none.
pub(super) fn of(command: &Command, columns: &Columns, version: Version) -> Result<&'static Form, Finding> {
    let mut of_verb = schema::forms().filter(|form| command.is(form.verb)).peekable();
    if of_verb.peek().is_none() {
        return Err(unknown_verb(&command.verb, columns.verb));
    }
    let Some(form) = any_form(command, version) else {
        let types: Vec<_> = of_verb.flat_map(|form| form.types).copied().collect();
        return Err(type_finding(command, columns, &types));
    };
    let (what, column, known) = match command.object_type.as_deref().and_then(schema::object_type) {
        Some(object_type) if !object_type.known.is_in(version) => {
            (object_type.name.to_owned(), columns.object_type, object_type.known)
        }
        Some(object_type) => (format!("{} {}", form.verb, object_type.name), columns.verb, form.known),
        None => (form.verb.to_owned(), columns.verb, form.known),
    };
    match known.is_in(version) {
        true => Ok(form),
        false => Err(version_finding(column, &what, version, known)),
    }
}

/// Whether a command can begin with this word, in any case.
pub(super) fn is_verb(word: &str) -> bool {
    schema::verbs().any(|verb| verb.eq_ignore_ascii_case(word))
}

/// The first word is not the one of a command.
pub(super) fn unknown_verb(verb: &str, column: usize) -> Finding {
    let message = format!("`{verb}` is not a command");
    let expected = match nearest(verb, schema::verbs()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "a command that `help` and `showallcustomcmds` name".to_owned(),
    };
    Finding::new(column, Code::UnknownCommand, message, expected)
}

/// Something that only other releases know.
pub(super) fn version_finding(column: usize, what: &str, version: Version, known: Known) -> Finding {
    let message = format!("{version} does not know `{what}`");
    Finding::new(column, Code::Version, message, format!("known in {known}"))
}

/// The type does not fit the verb.
fn type_finding(command: &Command, columns: &Columns, types: &[&'static str]) -> Finding {
    let verb = &command.verb;
    let Some(object_type) = &command.object_type else {
        let message = format!("`{verb}` needs an object type");
        let expected = if types.len() > MOST_LISTED {
            "an object type".to_owned()
        } else {
            choice(types)
        };
        return Finding::new(columns.object_type, Code::Missing, message, expected);
    };
    let message = match schema::object_type(object_type) {
        _ if types.is_empty() => format!("`{verb}` takes no object type"),
        Some(_) => format!("`{verb}` does not take {object_type}"),
        None => format!("`{object_type}` is not an object type"),
    };
    let expected = match nearest(object_type, types.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if types.is_empty() => "nothing, or attributes".to_owned(),
        None if types.len() > MOST_LISTED => "a type that `showobjtypes` names".to_owned(),
        None => choice(types),
    };
    Finding::new(columns.object_type, Code::UnknownType, message, expected)
}
