//! Finds the objects that a command names.

use super::reply::CliError;
use crate::model::{Estate, Kind};
use ovm::ovmcli::{Command, Selector};

/// The type word as a kind.
pub(super) fn kind(word: Option<&str>) -> Result<Kind, CliError> {
    let word = word.ok_or_else(|| CliError::syntax("an object type is missing"))?;
    Kind::parse(word).ok_or_else(|| CliError::syntax(&format!("{word} is not an object type")))
}

/// The one object of a kind that the selector names.
pub(super) fn select(estate: &Estate, kind: Kind, selector: &Selector) -> Result<String, CliError> {
    match selector {
        Selector::Id(id) => match estate.objects.get(id) {
            Some(object) if object.kind() == kind => Ok(id.clone()),
            _ => Err(unknown(kind, "id", id)),
        },
        // The name of a job is its number.
        Selector::Name(name) if kind == Kind::Job => select(estate, kind, &Selector::Id(name.clone())),
        Selector::Name(name) => by_name(estate, kind, name),
    }
}

/// The object that stands after the type.
pub(super) fn subject(estate: &Estate, command: &Command) -> Result<String, CliError> {
    let kind = kind(command.object_type.as_deref())?;
    let selector = command.selector.as_ref();
    select(
        estate,
        kind,
        selector.ok_or_else(|| CliError::syntax("id= or name= is missing"))?,
    )
}

/// The object that stands after `on`, `to` or `from`.
pub(super) fn target(estate: &Estate, command: &Command) -> Result<(Kind, String), CliError> {
    let target = command.target.as_ref();
    let target = target.ok_or_else(|| CliError::syntax("the object after on, to or from is missing"))?;
    let kind = kind(Some(&target.object_type))?;
    Ok((kind, select(estate, kind, &target.selector)?))
}

/// A value that names an object of a kind by id or by name.
pub(super) fn reference(estate: &Estate, kind: Kind, value: &str) -> Result<String, CliError> {
    match estate.objects.get(value) {
        Some(object) if object.kind() == kind => Ok(value.to_owned()),
        _ => by_name(estate, kind, value),
    }
}

fn by_name(estate: &Estate, kind: Kind, name: &str) -> Result<String, CliError> {
    let mut found = estate.of_kind(kind).filter(|object| object.name == name);
    match (found.next(), found.next()) {
        (Some(object), None) => Ok(object.id.clone()),
        (Some(_), Some(_)) => Err(CliError::coded(
            "OVMAPI_4004E",
            &format!(
                "More than one object of type {} has the name {name}. Use the id.",
                kind.as_str()
            ),
        )),
        (None, _) => Err(unknown(kind, "name", name)),
    }
}

fn unknown(kind: Kind, key: &str, value: &str) -> CliError {
    CliError::coded(
        "OVMAPI_4003E",
        &format!("No object of type {} was found for {key}={value}.", kind.as_str()),
    )
}
