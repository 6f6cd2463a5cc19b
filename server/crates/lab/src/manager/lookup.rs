//! Finds the objects that a command names.

use super::reply::CliError;
use crate::model::{Estate, Kind, Object};
use ovm::ovmcli::{Command, Selector};

/// How names find objects; uncertain in reality.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The first of several objects of a name is taken, instead of an error.
    pub first_match: bool,
    /// `WEB01` finds `web01`.
    pub ignore_case: bool,
    /// `name=` finds ids too.
    pub match_ids: bool,
}

/// The type word as a kind.
pub(super) fn kind(word: Option<&str>) -> Result<Kind, CliError> {
    let word = word.ok_or_else(|| CliError::syntax("an object type is missing"))?;
    // The grammar has made sure that the release knows the type.
    Kind::parse(word).ok_or_else(|| CliError::coded("OVMAPI_4003E", &format!("There is no object of type {word}.")))
}

/// The one object of a kind that the selector names.
fn select(estate: &Estate, names: Names, kind: Kind, selector: &Selector) -> Result<String, CliError> {
    let by_id = |id: &str| estate.objects.get(id).filter(|object| object.kind() == kind);
    match selector {
        Selector::Id(id) => match by_id(id) {
            Some(object) => Ok(object.id.clone()),
            None => Err(unknown(kind, "id", id)),
        },
        // The name of a job is its number.
        Selector::Name(name) if kind == Kind::Job => select(estate, names, kind, &Selector::Id(name.clone())),
        Selector::Name(name) => match by_id(name) {
            Some(object) if names.match_ids => Ok(object.id.clone()),
            _ => by_name(estate, names, kind, name),
        },
    }
}

/// The object that stands after the type.
pub(super) fn subject(estate: &Estate, names: Names, command: &Command) -> Result<String, CliError> {
    let kind = kind(command.object_type.as_deref())?;
    let selector = command.selector.as_ref();
    let selector = selector.ok_or_else(|| CliError::syntax("id= or name= is missing"))?;
    select(estate, names, kind, selector)
}

/// The object that stands after `on`, `to` or `from`.
pub(super) fn target(estate: &Estate, names: Names, command: &Command) -> Result<(Kind, String), CliError> {
    let target = command.target.as_ref();
    let target = target.ok_or_else(|| CliError::syntax("the object after on, to or from is missing"))?;
    let kind = kind(Some(&target.object_type))?;
    Ok((kind, select(estate, names, kind, &target.selector)?))
}

/// A value that names an object of a kind by id or by name.
pub(super) fn reference(estate: &Estate, names: Names, kind: Kind, value: &str) -> Result<String, CliError> {
    match estate.objects.get(value) {
        Some(object) if object.kind() == kind => Ok(value.to_owned()),
        _ => by_name(estate, names, kind, value),
    }
}

fn by_name(estate: &Estate, names: Names, kind: Kind, name: &str) -> Result<String, CliError> {
    let mut found: Vec<&Object> = if names.ignore_case {
        let lower = name.to_lowercase();
        let objects = estate.objects.of_kind(kind);
        objects.filter(|object| object.name.to_lowercase() == lower).collect()
    } else {
        estate.objects.named(kind, name).collect()
    };
    if names.first_match {
        found.truncate(1);
    }
    match found.as_slice() {
        [object] => Ok(object.id.clone()),
        [] => Err(unknown(kind, "name", name)),
        _ => Err(CliError::coded(
            "OVMAPI_4004E",
            &format!(
                "More than one object of type {} has the name {name}. Use the id.",
                kind.as_str()
            ),
        )),
    }
}

fn unknown(kind: Kind, key: &str, value: &str) -> CliError {
    CliError::coded(
        "OVMAPI_4003E",
        &format!("No object of type {} was found for {key}={value}.", kind.as_str()),
    )
}
