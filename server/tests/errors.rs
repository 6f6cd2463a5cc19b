//! Every code of an error is explained in the documents: once, with its cause and its remedy.

#![cfg(test)]

use domain::error::ServiceError;
use std::collections::BTreeMap;
use std::path::Path;

/// The sections of the document by their codes. A section begins with a heading that is a code.
fn sections(document: &str) -> Vec<(&str, &str)> {
    let parts = document.split("\n### ").skip(1);
    parts
        .filter_map(|part| {
            let (heading, body) = part.split_once('\n')?;
            let code = heading.strip_prefix('`')?.strip_suffix('`')?;
            // What follows belongs to the next area.
            Some((code, body.split("\n## ").next().unwrap_or(body)))
        })
        .collect()
}

/// What a section says under a title.
fn under<'a>(section: &'a str, title: &str) -> Option<&'a str> {
    let (_, rest) = section.split_once(&format!("**{title}:** "))?;
    let text = rest.split("\n\n").next().unwrap_or(rest).trim();
    (!text.is_empty()).then_some(text)
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_code_has_one_section_with_cause_and_remedy_and_no_section_is_without_a_code() {
    let document = document();
    let sections = sections(&document);
    let headings = document.matches("\n### ").count();
    assert_eq!(sections.len(), headings, "a heading of this level is not a code");
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for (code, section) in &sections {
        *found.entry(code).or_default() += 1;
        for title in ["Cause", "Remedy"] {
            let text = under(section, title).unwrap_or_else(|| panic!("{code} has no {title}"));
            assert!(text.ends_with(['.', '`']), "{code}, {title}: {text}");
        }
    }
    let mut wrong = Vec::new();
    for code in ServiceError::codes() {
        match found.remove(code) {
            Some(1) => {}
            Some(several) => wrong.push(format!("{code} has {several} sections")),
            None => wrong.push(format!("{code} has no section")),
        }
    }
    wrong.extend(found.into_keys().map(|code| format!("{code} is no code")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_section_ends_where_the_next_begins() {
    let document = "# Errors\n\n## One\n\n### `a.b`\n\n**Cause:** This.\n\n**Remedy:** That.\n\n## Two\n\n### `c`\n\n**Cause:** X.\n";
    let sections = sections(document);
    assert_eq!(sections.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["a.b", "c"]);
    assert_eq!(under(sections[0].1, "Cause"), Some("This."));
    assert_eq!(under(sections[0].1, "Remedy"), Some("That."));
    assert_eq!(under(sections[1].1, "Remedy"), None);
}
