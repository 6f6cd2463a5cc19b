//! What a command means for the objects of the estate: which it makes, takes away and names.

use super::{Placed, form::any_form, value};
use crate::ovmcli::{
    Command, Selector, Version,
    schema::{Kind, holds},
};
use std::net::Ipv4Addr;

/// A change of the estate that a script can be read off.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect<'a> {
    /// An object of this type gets this name.
    Makes(&'a str, &'a str),
    /// The object of this type and name is gone, or has another name.
    TakesAway(&'a str, &'a str),
    /// Objects of this type come under names that nobody gave.
    Brings(&'static str),
    /// The same, unless the script itself has made the object that the command acts on.
    Finds(&'static str),
}

/// A mention of an object.
#[derive(Debug)]
pub(super) struct Mention<'a> {
    /// Types that it may have.
    pub(super) types: Vec<&'a str>,
    /// How it is named.
    pub(super) by: By<'a>,
    /// Column in the piece.
    pub(super) column: usize,
    /// The command acts on it, rather than referring to it.
    pub(super) acted_on: bool,
}

/// How an object is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By<'a> {
    /// `id=`, or something that looks like an id of the Manager where a name could stand too.
    Id(&'a str),
    /// `name=`, or an id or name.
    Name(&'a str),
}

impl<'a> By<'a> {
    /// The id or name.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Id(text) | Self::Name(text) => text,
        }
    }
}

/// What the command changes. What it makes counts only when the command gives a name.
pub(super) fn effects(command: &Command, version: Version) -> Vec<Effect<'_>> {
    let mut effects = Vec::new();
    if let Some(form) = any_form(command, version) {
        effects.extend(form.brings.iter().copied().map(Effect::Brings));
        effects.extend(form.finds.iter().copied().map(Effect::Finds));
    }
    let Some(object_type) = command.object_type.as_deref() else {
        return effects;
    };
    let own = command.selector.as_ref().and_then(named);
    let new = command.attribute(if command.is("clone") { "destName" } else { "name" });
    let makes = new.map(|name| Effect::Makes(object_type, name));
    if command.is("create") || command.is("clone") {
        effects.extend(makes);
    } else if command.is("edit") && new.is_some() {
        effects.extend(own.map(|name| Effect::TakesAway(object_type, name)));
        effects.extend(makes);
    } else if command.is("delete") {
        effects.extend(own.map(|name| Effect::TakesAway(object_type, name)));
    }
    effects
}

fn named(selector: &Selector) -> Option<&str> {
    match selector {
        Selector::Name(name) => Some(name),
        Selector::Id(_) => None,
    }
}

/// The objects that a command mentions, in the order of the line.
pub(super) fn mentions<'a>(placed: &'a Placed<'_>, version: Version) -> Vec<Mention<'a>> {
    let (command, columns) = (&placed.command, &placed.columns);
    let mut mentions = Vec::new();
    if let (Some(object_type), Some(selector)) = (command.object_type.as_deref(), &command.selector) {
        mentions.push(Mention {
            types: vec![object_type],
            by: selected_by(object_type, selector),
            column: columns.selector,
            acted_on: true,
        });
    }
    let form = any_form(command, version);
    for (attribute, column) in command.attributes.iter().zip(&columns.attributes) {
        let specs = form.into_iter().flat_map(|form| form.attributes_named(&attribute.key));
        let Some((types, names)) = specs
            .map(|spec| spec.kind)
            .find_map(|kind| objects(kind, &attribute.value))
        else {
            continue;
        };
        mentions.extend(names.into_iter().map(|name| Mention {
            types: types.to_vec(),
            by: named_by(types, name),
            column: column + attribute.key.chars().count() + 1,
            acted_on: false,
        }));
    }
    if let Some(target) = &command.target {
        mentions.push(Mention {
            types: vec![target.object_type.as_str()],
            by: selected_by(&target.object_type, &target.selector),
            column: columns.target_selector,
            acted_on: false,
        });
    }
    mentions
}

fn selected_by<'a>(object_type: &str, selector: &'a Selector) -> By<'a> {
    match selector {
        Selector::Id(id) => By::Id(id),
        Selector::Name(name) => named_by(&[object_type], name),
    }
}

/// Where a name is expected, scripts write ids too.
fn named_by<'a>(types: &[&str], text: &'a str) -> By<'a> {
    let is_bridge = holds(types, "Network") && is_bridge(text);
    if is_bridge || looks_like_id(text) {
        By::Id(text)
    } else {
        By::Name(text)
    }
}

/// Whether a text has the form of the id of a network, the name of its bridge: eight or more hexadecimal digits.
fn is_bridge(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The names in a value, with the types that they may have.
fn objects(kind: Kind, value: &str) -> Option<(&'static [&'static str], Vec<&str>)> {
    match kind {
        Kind::ObjectOr(_, word) if word.eq_ignore_ascii_case(value) => None,
        Kind::Object(types) | Kind::ObjectOr(types, _) => Some((types, vec![value])),
        Kind::Objects(types) => Some((types, value::elements(value).collect())),
        _ => None,
    }
}

/// Whether a text has the form of the ids that the Manager gives, or of a server's, a job's or a LUN's.
fn looks_like_id(text: &str) -> bool {
    let stem = text
        .strip_suffix(".img")
        .or_else(|| text.strip_suffix(".iso"))
        .unwrap_or(text);
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let octets = stem.split(':').count() == 16 && stem.split(':').all(|part| part.len() == 2 && hex(part));
    stem.len() == 32 && hex(stem) || octets || is_manager_id(text)
}

/// Whether only the Manager that gave this id knows it.
pub(super) fn is_manager_id(text: &str) -> bool {
    text.starts_with("0004fb")
}

/// Whether the Manager itself gives objects of this type such names.
pub(super) fn is_given_by_manager(object_type: &str, name: &str) -> bool {
    let is = |wanted: &str| object_type.eq_ignore_ascii_case(wanted);
    is("Vnic") && value::is_mac(name)
        || is("VmDiskMapping") && name.starts_with("Mapping for disk Id")
        || is("FileServer") && name.starts_with("Local FS ")
        || is("FileSystem") && name.starts_with("nfs")
        // The network for management, and the bond that a server is installed with.
        || is("Network") && name.parse::<Ipv4Addr>().is_ok()
        || is("BondPort") && name.starts_with("bond0")
}
