//! Checks that the objects which a script mentions exist at that point, as far as the script itself can tell.
//!
//! Most scripts work on an estate that has objects already, so a name that nothing in the script makes is usually
//! right. It is a finding when the script itself says otherwise:
//! * it makes the object only later, or has deleted or renamed it before;
//! * it makes objects of that type, so that it evidently builds them, but none of this name. It builds none when it
//!   deletes, renames or brings to light others too, and no more once it deletes what it has made.
//!
//! A line that cannot be understood may make any object that it names. Ids are given by the Manager, and names such as
//! `Mapping for disk Id (...)` too; they are taken to exist. A script that must be complete may use nothing that it has
//! not made, except what servers report.

use super::{
    Placed,
    finding::{Code, Finding},
    near::nearest,
    objects::{By, Effect, Mention, effects, is_given_by_manager, is_manager_id, mentions},
    value::is_placeholder,
};
use crate::ovmcli::{Command, Selector, Version, schema};
use std::collections::{HashMap, HashSet};

/// An object as a script knows it: type in lower case, and name.
type Object<'a> = (String, &'a str);

fn object<'a>(object_type: &str, name: &'a str) -> Object<'a> {
    (object_type.to_ascii_lowercase(), name)
}

/// All findings about references, in the commands that could be understood. `unclear` are the texts of those that could
/// not, and may make what others use.
pub(super) fn check(script: &[Placed<'_>], unclear: &[&str], version: Version, complete: bool) -> Vec<Finding> {
    let outline = Outline::of(script, version);
    let unclear_words: HashSet<&str> = unclear.iter().flat_map(|text| text.split(ends_word)).collect();
    // A name of several words stands inside quotes.
    let is_unclear = |name: &str| match name.contains(ends_word) {
        true => unclear.iter().any(|text| text.contains(name)),
        false => unclear_words.contains(name),
    };
    let mut state = State::default();
    let mut findings = Vec::new();
    for (at, placed) in script.iter().enumerate() {
        for mention in mentions(placed, version) {
            let reason = outline.reason(&state, at, &placed.command, &mention, complete);
            if let Some((message, expected)) = reason.filter(|_| !is_unclear(mention.by.text())) {
                let finding = Finding::new(mention.column, Code::Reference, message, expected);
                findings.push(placed.piece.place(finding));
            }
        }
        state.after(placed, version);
    }
    findings
}

/// What stands around the words of a line and the names in it.
fn ends_word(character: char) -> bool {
    character.is_whitespace() || "='\"".contains(character)
}

/// What the whole script does, seen before its lines are judged.
#[derive(Default)]
struct Outline<'a> {
    /// Where an object is made: positions in the script with their lines.
    made: HashMap<Object<'a>, Vec<(usize, usize)>>,
    /// Where an object is deleted or renamed: positions in the script.
    taken: HashMap<Object<'a>, Vec<usize>>,
    /// Types that the script builds: it makes objects, and none of others come in.
    built: HashSet<String>,
}

impl<'a> Outline<'a> {
    fn of(script: &'a [Placed<'_>], version: Version) -> Self {
        let mut outline = Self::default();
        let mut foreign = HashSet::new();
        let mut state = State::default();
        for (at, placed) in script.iter().enumerate() {
            for effect in effects(&placed.command, version) {
                match effect {
                    Effect::Makes(object_type, name) => {
                        let made = outline.made.entry(object(object_type, name)).or_default();
                        made.push((at, placed.piece.line));
                        if placed.command.is("create") {
                            outline.built.insert(object_type.to_ascii_lowercase());
                        }
                    }
                    Effect::TakesAway(object_type, name) => {
                        let object = object(object_type, name);
                        if !state.live.contains(&object) {
                            foreign.insert(object.0.clone());
                        }
                        outline.taken.entry(object).or_default().push(at);
                    }
                    Effect::Finds(_) if state.has_made(&placed.command) => {}
                    Effect::Brings(object_type) | Effect::Finds(object_type) => {
                        foreign.insert(object_type.to_ascii_lowercase());
                    }
                }
            }
            state.after(placed, version);
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
        let name = mention.by.text();
        let objects: Vec<_> = mention
            .types
            .iter()
            .map(|object_type| object(object_type, name))
            .collect();
        if is_placeholder(name) || objects.iter().any(|object| state.live.contains(object)) {
            return None;
        }
        if let By::Id(id) = mention.by {
            return complete.then(|| id_reason(id, mention)).flatten();
        }
        let types = super::near::choice(&mention.types);
        if let Some(line) = objects.iter().find_map(|object| state.gone.get(object)) {
            let message = format!("the {types} `{name}` has been deleted or renamed in line {line}");
            return Some((message, "an object that exists at this point".to_owned()));
        }
        if let Some((position, line)) = objects.iter().find_map(|object| self.made_later(object, at)) {
            let probes = mention.acted_on && (command.is("show") || command.is("delete") || command.is("edit"));
            // What is taken away before it is made was there before the script.
            let old = objects.iter().any(|object| self.is_taken(object, at, position));
            let message = format!("the {types} `{name}` is made only in line {line}");
            return (!probes && !old).then(|| (message, "an object that an earlier line makes".to_owned()));
        }
        let by_itself = |object_type: &&str| is_given_by_manager(object_type, name);
        let unmade = |object_type: &&str| match complete {
            true => schema::is_created(object_type) && !state.brought.contains(&object_type.to_ascii_lowercase()),
            false => {
                let object_type = object_type.to_ascii_lowercase();
                self.built.contains(&object_type) && !state.released.contains(&object_type)
            }
        };
        let foreign = !mention.types.iter().any(by_itself) && mention.types.iter().all(unmade);
        foreign.then(|| (format!("nothing makes the {types} `{name}`"), self.meant(name, mention)))
    }

    /// Where an object is made at or behind a position, with the line.
    fn made_later(&self, object: &Object<'_>, at: usize) -> Option<(usize, usize)> {
        let made = self.made.get(object)?;
        made.iter().copied().find(|(position, _)| *position >= at)
    }

    /// Whether an object is deleted or renamed between two positions.
    fn is_taken(&self, object: &Object<'_>, from: usize, to: usize) -> bool {
        let taken = self.taken.get(object);
        taken.is_some_and(|taken| taken.iter().any(|position| (from..to).contains(position)))
    }

    /// What should stand in the place of a name that nothing makes.
    fn meant(&self, name: &str, mention: &Mention<'_>) -> String {
        let made = self
            .made
            .keys()
            .filter(|(own, _)| mention.types.iter().any(|t| own.eq_ignore_ascii_case(t)));
        let mut names: Vec<_> = made.map(|(_, name)| *name).collect();
        names.sort_unstable();
        match nearest(name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "an object that an earlier line makes".to_owned(),
        }
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
    /// Types of which the script has deleted what it had made: it is done with building them.
    released: HashSet<String>,
}

impl<'a> State<'a> {
    /// Whether the object that a command acts on is one that the script made. An id can be that of any made object.
    fn has_made(&self, command: &Command) -> bool {
        let Some(object_type) = command.object_type.as_deref() else {
            return false;
        };
        match &command.selector {
            Some(Selector::Name(name)) => self.live.contains(&object(object_type, name)),
            Some(Selector::Id(_)) => self.live.iter().any(|(own, _)| own.eq_ignore_ascii_case(object_type)),
            None => false,
        }
    }

    fn after(&mut self, placed: &'a Placed<'_>, version: Version) {
        for effect in effects(&placed.command, version) {
            match effect {
                Effect::Makes(object_type, name) => {
                    let object = object(object_type, name);
                    self.gone.remove(&object);
                    self.live.insert(object);
                }
                Effect::TakesAway(object_type, name) => {
                    let object = object(object_type, name);
                    if self.live.remove(&object) && placed.command.is("delete") {
                        self.released.insert(object.0.clone());
                    }
                    self.gone.insert(object, placed.piece.line);
                }
                Effect::Brings(object_type) => {
                    self.brought.insert(object_type.to_ascii_lowercase());
                }
                // Whether the object is the script's own matters to the outline only.
                Effect::Finds(_) => {}
            }
        }
    }
}
