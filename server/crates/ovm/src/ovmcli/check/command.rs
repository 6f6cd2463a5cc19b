//! Checks one command against the schema.

use super::{
    finding::{Code, Finding},
    form::{self, fits, version_finding},
    near::{choice, expected, is_slip},
    value,
};
use crate::ovmcli::{
    Attribute, Command, Selector, Target, Version,
    parse::Columns,
    schema::{self, Attr, Form, Instance, Join, Kind, Known, holds},
};

/// Everything that is wrong with a command.
pub(super) fn check(command: &Command, columns: &Columns, version: Version) -> Vec<Finding> {
    let form = match form::of(command, columns, version) {
        Ok(form) => form,
        Err(finding) => return vec![finding],
    };
    let mut check = Check {
        command,
        columns,
        version,
        form,
        findings: Vec::new(),
    };
    check.object();
    for (attribute, column) in command.attributes.iter().zip(&columns.attributes) {
        check.attribute(attribute, *column);
    }
    check.mandatory();
    check.groups();
    check.join();
    check.findings
}

struct Check<'a> {
    command: &'a Command,
    columns: &'a Columns,
    version: Version,
    form: &'static Form,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn find(&mut self, column: usize, code: Code, message: String, expected: impl Into<String>) {
        self.findings.push(Finding::new(column, code, message, expected));
    }

    /// What the command is called in sentences.
    fn name(&self) -> String {
        match &self.command.object_type {
            Some(object_type) => format!("{} {object_type}", self.command.verb),
            None => self.command.verb.clone(),
        }
    }

    /// The object that the command acts on, and what is inside it.
    fn object(&mut self) {
        if self.form.instance == Instance::Required && self.command.selector.is_none() {
            let column = self.columns.attributes.first().copied().unwrap_or(self.columns.target);
            let message = format!("`{}` does not say which object", self.name());
            self.find(
                column,
                Code::Missing,
                message,
                "id=... or name=... right after the type",
            );
        }
        if self.form.instance == Instance::No
            && let Some(selector) = &self.command.selector
        {
            let message = format!("`{}` takes no object, here `{}=`", self.name(), selector.key());
            self.find(
                self.columns.selector,
                Code::UnknownAttribute,
                message,
                "nothing after the type",
            );
        }
        if let Some(selector) = &self.command.selector {
            self.not_empty(selector, self.columns.selector);
        }
        match (self.form.embedded, self.command.embedded.as_deref()) {
            (Some(wanted), None) => {
                let message = format!("`{}` does not say what inside the object it is about", self.name());
                let column = self.columns.attributes.first().copied().unwrap_or(self.columns.target);
                self.find(column, Code::Missing, message, wanted);
            }
            (Some(wanted), Some(found)) if !wanted.eq_ignore_ascii_case(found) => {
                let message = format!("`{found}` is nothing that stands inside an object");
                self.find(self.columns.embedded, Code::UnknownType, message, wanted);
            }
            _ => {}
        }
    }

    /// Nothing is addressed by `name=` alone.
    fn not_empty(&mut self, selector: &Selector, column: usize) {
        if selector.value().is_empty() {
            let key = selector.key();
            let message = format!("`{key}` is empty");
            self.find(column + key.len() + 1, Code::BadValue, message, "an id or a name");
        }
    }

    fn attribute(&mut self, attribute: &Attribute, column: usize) {
        let key = &attribute.key;
        let mut found = self.form.attributes_named(key);
        let Some(spec) = found.find(|spec| spec.known.is_in(self.version)) else {
            return self.no_such_attribute(key, column);
        };
        let Some((code, expected)) = value::check(self.kind(spec), &attribute.value, spec.mandatory) else {
            return;
        };
        let column = column + key.chars().count() + 1;
        let accepts = |other: &Attr| value::check(other.kind, &attribute.value, other.mandatory).is_none();
        let other = elsewhere(self.command, self.version, key).find(|(other, _)| accepts(other));
        if let Some((_, known)) = other {
            let what = format!("{key}={}", attribute.value);
            return self.findings.push(version_finding(column, &what, self.version, known));
        }
        let message = format!("`{key}` cannot be `{}`", shortened(&attribute.value));
        self.find(column, code, message, expected);
    }

    /// What may stand behind `=`; a second object can leave less of it.
    fn kind(&self, spec: &Attr) -> Kind {
        let target = self.command.target.as_ref();
        let beside = |join: &&Join| target.is_some_and(|target| holds(join.types, &target.object_type));
        let mut limits = self.form.joins.iter().filter(beside).flat_map(|join| join.limits);
        limits
            .find(|(key, _)| *key == spec.key)
            .map_or(spec.kind, |(_, kind)| *kind)
    }

    fn no_such_attribute(&mut self, key: &str, column: usize) {
        if let Some((_, known)) = elsewhere(self.command, self.version, key).next() {
            let finding = version_finding(column, &format!("{key}="), self.version, known);
            return self.findings.push(finding);
        }
        let keys: Vec<_> = self.known_attributes().map(|attr| attr.key).collect();
        if self.form.open && !is_slip(key, &keys) {
            return;
        }
        let message = format!("`{}` has no attribute `{key}`", self.name());
        let expected = match keys.is_empty() {
            true => "no attributes".to_owned(),
            false => expected(key, &keys),
        };
        self.find(column, Code::UnknownAttribute, message, expected);
    }

    fn known_attributes(&self) -> impl Iterator<Item = &'static Attr> + use<> {
        let version = self.version;
        self.form.all_attributes().filter(move |attr| attr.known.is_in(version))
    }

    fn has(&self, key: &str) -> bool {
        self.command.attribute(key).is_some()
    }

    fn mandatory(&mut self) {
        // Where the missing attribute would be put.
        let column = self.columns.target;
        let missing: Vec<_> = self
            .known_attributes()
            .filter(|attr| attr.mandatory && !self.has(attr.key))
            .collect();
        for attr in missing {
            let message = format!("`{}` needs the attribute `{}`", self.name(), attr.key);
            self.find(column, Code::Missing, message, format!("{}=...", attr.key));
        }
        if self.form.changes && self.command.attributes.is_empty() {
            let message = format!("`{}` changes nothing", self.name());
            let keys: Vec<_> = self.known_attributes().map(|attr| attr.key).collect();
            self.find(column, Code::Missing, message, choice(&keys));
        }
    }

    /// Where the last of these attributes stands.
    fn last_of(&self, keys: &[&str]) -> usize {
        let placed = self.command.attributes.iter().zip(&self.columns.attributes);
        let last = placed.rev().find(|(attribute, _)| holds(keys, &attribute.key));
        last.map_or(self.columns.target, |(_, column)| *column)
    }

    /// Attributes that exclude or ask for each other.
    fn groups(&mut self) {
        for group in self.form.one_of {
            if !group.iter().any(|key| self.has(key)) {
                let message = format!("`{}` needs one of the attributes {}", self.name(), choice(group));
                let expected = format!("exactly one of {}", choice(group));
                self.find(self.columns.target, Code::Missing, message, expected);
            }
        }
        for group in self.form.one_of.iter().chain(self.form.exclusive) {
            let given: Vec<_> = group.iter().filter(|key| self.has(key)).collect();
            if given.len() > 1 {
                let message = format!("`{}` takes only one of {}", self.name(), choice(&given));
                let expected = format!("only one of {}", choice(group));
                self.find(self.last_of(group), Code::Conflict, message, expected);
            }
        }
        for need in self.form.needs {
            let Some(found) = self.command.attribute(need.key) else {
                continue;
            };
            let asks = need.value.is_none_or(|value| value.eq_ignore_ascii_case(found));
            if asks && !need.one_of.iter().any(|key| self.has(key)) {
                let message = format!("`{}={found}` needs {} too", need.key, choice(need.one_of));
                self.find(self.columns.target, Code::Missing, message, choice(need.one_of));
            }
        }
    }

    /// The object behind `on`, `to` or `from`.
    fn join(&mut self) {
        let version = self.version;
        let joins: Vec<&Join> = self
            .form
            .joins
            .iter()
            .filter(|join| join.known.is_in(version))
            .collect();
        match &self.command.target {
            Some(target) if joins.is_empty() && !self.form.open => {
                let message = format!("`{}` takes no object behind `{}`", self.name(), target.preposition);
                self.find(self.columns.target, Code::Syntax, message, "the end of the command");
            }
            Some(target) => self.joined(target, &joins),
            None if joins.is_empty() || self.form.join_optional => {}
            None => {
                let message = format!("`{}` needs a second object", self.name());
                self.find(self.columns.target, Code::Missing, message, described(&joins));
            }
        }
    }

    fn joined(&mut self, target: &Target, joins: &[&Join]) {
        self.not_empty(&target.selector, self.columns.target_selector);
        let object_type = target.object_type.as_str();
        let known = schema::object_type(object_type);
        let column = self.columns.target_type;
        let fits = |join: &&Join| holds(join.types, object_type);
        let fitting = joins.iter().copied().find(fits);
        let elsewhere = self.form.joins.iter().find(fits).map(|join| join.known);
        match (known, fitting) {
            (Some(known), _) if !known.known.is_in(self.version) => {
                self.findings
                    .push(version_finding(column, known.name, self.version, known.known));
            }
            (_, Some(join)) if join.preposition.eq_ignore_ascii_case(&target.preposition) => {}
            (_, Some(join)) => {
                let message = format!(
                    "`{}` joins with `{}`, not `{}`",
                    self.name(),
                    join.preposition,
                    target.preposition
                );
                self.find(self.columns.target, Code::Syntax, message, join.preposition);
            }
            (Some(_), None) if self.form.open => {}
            (Some(_), None) => match elsewhere {
                Some(known) => {
                    let what = format!("{} {} {object_type}", self.name(), target.preposition);
                    self.findings.push(version_finding(column, &what, self.version, known));
                }
                None => {
                    let message = format!("{object_type} cannot stand there");
                    self.find(column, Code::UnknownType, message, described(joins));
                }
            },
            (None, None) => {
                let types: Vec<_> = joins.iter().flat_map(|join| join.types).copied().collect();
                let message = format!("`{object_type}` is not an object type");
                self.find(column, Code::UnknownType, message, expected(object_type, &types));
            }
        }
    }
}

/// Attributes of this key that the command has in other releases only, with those.
fn elsewhere<'a>(
    command: &'a Command,
    version: Version,
    key: &'a str,
) -> impl Iterator<Item = (&'static Attr, Known)> + use<'a> {
    schema::forms()
        .filter(|form| fits(form, command))
        .flat_map(move |form| {
            form.attributes_named(key)
                .map(|attr| (attr, narrower(form.known, attr.known)))
        })
        .filter(move |(_, known)| known.since <= known.until && !known.is_in(version))
}

/// The releases that know a form and an attribute of it.
fn narrower(form: Known, attribute: Known) -> Known {
    Known {
        since: form.since.max(attribute.since),
        until: form.until.min(attribute.until),
    }
}

fn described(joins: &[&Join]) -> String {
    let words: Vec<_> = joins
        .iter()
        .flat_map(|join| {
            join.types
                .iter()
                .map(|object_type| format!("{} {object_type}", join.preposition))
        })
        .collect();
    format!("{} with id=... or name=...", choice(&words))
}

/// The beginning of a value, for messages.
fn shortened(value: &str) -> String {
    const MOST: usize = 60;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_owned(),
    }
}
