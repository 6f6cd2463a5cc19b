//! Checks that the objects which a script mentions exist at that point, as far as the script itself can tell.
//!
//! Most scripts work on an estate that has objects already, so a name that nothing in the script makes is usually
//! right. It is a finding when the script itself says otherwise:
//! * it makes the object only later, or has deleted or renamed it before;
//! * it makes objects of that type and takes none away, so that it evidently builds them, but none of this name.
//!
//! Ids are given by the Manager and names such as `Mapping for disk Id (...)` too; they are taken to exist. A script
//! that must be complete may use nothing that it has not made, except what servers report.

use super::{
    Placed,
    finding::{Code, Finding},
    near::nearest,
    objects::{By, Effect, Mention, effects, is_given_by_manager, is_manager_id, mentions},
    value::is_placeholder,
};
use crate::ovmcli::{Command, schema};
use std::collections::{HashMap, HashSet};

/// An object as a script knows it: type in lower case, and name.
type Object<'a> = (String, &'a str);

fn object<'a>(object_type: &str, name: &'a str) -> Object<'a> {
    (object_type.to_ascii_lowercase(), name)
}

/// All findings about references.
pub(super) fn check(script: &[Placed<'_>], complete: bool) -> Vec<Finding> {
    let outline = Outline::of(script);
    let mut state = State::default();
    let mut findings = Vec::new();
    for (at, placed) in script.iter().enumerate() {
        for mention in mentions(placed) {
            let reason = outline.reason(&state, at, &placed.command, &mention, complete);
            if let Some((message, expected)) = reason {
                let finding = Finding::new(mention.column, Code::Reference, message, expected);
                findings.push(placed.piece.place(finding));
            }
        }
        state.after(placed);
    }
    findings
}

/// What the whole script does, seen before its lines are judged.
#[derive(Default)]
struct Outline<'a> {
    /// Where an object is made: positions in the script with their lines.
    made: HashMap<Object<'a>, Vec<(usize, usize)>>,
    /// Types that the script builds: it makes objects, takes none away, and none come by themselves.
    built: HashSet<String>,
}

impl<'a> Outline<'a> {
    fn of(script: &'a [Placed<'_>]) -> Self {
        let mut outline = Self::default();
        let mut foreign = HashSet::new();
        for (at, placed) in script.iter().enumerate() {
            for effect in effects(&placed.command) {
                match effect {
                    Effect::Makes(object_type, name) => {
                        let line = placed.piece.line;
                        outline
                            .made
                            .entry(object(object_type, name))
                            .or_default()
                            .push((at, line));
                        if placed.command.is("create") {
                            outline.built.insert(object_type.to_ascii_lowercase());
                        }
                    }
                    Effect::TakesAway(object_type, _) => {
                        foreign.insert(object_type.to_ascii_lowercase());
                    }
                    Effect::Brings(object_type) => {
                        foreign.insert(object_type.to_ascii_lowercase());
                    }
                }
            }
        }
        outline.built.retain(|object_type| !foreign.contains(object_type));
        outline
    }

    /// Why a mention cannot be right, and what would be.
    fn reason(
        &self,
        state: &State<'_>,
        at: usize,
        command: &Command,
        mention: &Mention<'_>,
        complete: bool,
    ) -> Option<(String, String)> {
        let name = match mention.by {
            By::Id(id) => return complete.then(|| id_reason(id, mention)).flatten(),
            By::Name(name) if is_placeholder(name) => return None,
            By::Name(name) => name,
        };
        let objects: Vec<_> = mention
            .types
            .iter()
            .map(|object_type| object(object_type, name))
            .collect();
        if objects.iter().any(|object| state.live.contains(object)) {
            return None;
        }
        let types = super::near::choice(&mention.types);
        if let Some(line) = objects.iter().find_map(|object| state.gone.get(object)) {
            let message = format!("the {types} `{name}` has been deleted or renamed in line {line}");
            return Some((message, "an object that exists at this point".to_owned()));
        }
        let probes = mention.acted_on && (command.is("show") || command.is("delete") || command.is("edit"));
        let later = objects
            .iter()
            .flat_map(|object| self.made.get(object))
            .flatten()
            .find(|(other, _)| *other >= at);
        if let Some((_, line)) = later {
            let message = format!("the {types} `{name}` is made only in line {line}");
            return (!probes).then(|| (message, "an object that an earlier line makes".to_owned()));
        }
        let by_itself = |object_type: &&str| is_given_by_manager(object_type, name);
        let unmade = |object_type: &&str| match complete {
            true => schema::is_created(object_type) && !state.brought.contains(&object_type.to_ascii_lowercase()),
            false => self.built.contains(&object_type.to_ascii_lowercase()),
        };
        let foreign = !mention.types.iter().any(by_itself) && mention.types.iter().all(unmade);
        foreign.then(|| {
            let message = format!("nothing makes the {types} `{name}`");
            let made = self
                .made
                .keys()
                .filter(|(own, _)| mention.types.iter().any(|t| own.eq_ignore_ascii_case(t)));
            let mut names: Vec<_> = made.map(|(_, name)| *name).collect();
            names.sort_unstable();
            let expected = match nearest(name, names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "an object that an earlier line makes".to_owned(),
            };
            (message, expected)
        })
    }
}

/// In a script that must stand alone, an id that the new Manager cannot know.
fn id_reason(id: &str, mention: &Mention<'_>) -> Option<(String, String)> {
    let made = mention.types.iter().all(|object_type| schema::is_created(object_type));
    (made || is_manager_id(id)).then(|| {
        let message = format!("the id `{id}` is known only to the Manager that gave it");
        (message, "name=... of an object that an earlier line makes".to_owned())
    })
}

/// What exists after the lines so far.
#[derive(Default)]
struct State<'a> {
    live: HashSet<Object<'a>>,
    /// With the line that took it away.
    gone: HashMap<Object<'a>, usize>,
    brought: HashSet<String>,
}

impl<'a> State<'a> {
    fn after(&mut self, placed: &'a Placed<'_>) {
        for effect in effects(&placed.command) {
            match effect {
                Effect::Makes(object_type, name) => {
                    let object = object(object_type, name);
                    self.gone.remove(&object);
                    self.live.insert(object);
                }
                Effect::TakesAway(object_type, name) => {
                    let object = object(object_type, name);
                    self.live.remove(&object);
                    self.gone.insert(object, placed.piece.line);
                }
                Effect::Brings(object_type) => {
                    self.brought.insert(object_type.to_ascii_lowercase());
                }
            }
        }
    }
}
