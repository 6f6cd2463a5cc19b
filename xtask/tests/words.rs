//! What a person reads keeps to the glossary: one name for one thing, and none of the words that stood for it before.
//!
//! Looked at are the string literals of the interface, of plans and of the program, the help of its commands, and the
//! documents. Comments, identifiers and tests may say what they like.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A word or phrase that nobody should read, and what to write in its place.
const WORDS: &[(&str, &str)] = &[
    ("data base", "database"),
    ("data bases", "databases"),
    ("machine", "VM; a physical one is a server or a host"),
    ("machines", "VMs; physical ones are servers or hosts"),
    ("verify", "integrity check"),
    ("verified", "integrity check"),
    ("precondition", "preflight check"),
    ("preconditions", "preflight check"),
    ("contained", "included"),
    ("agree", "approve"),
    ("agreed", "approved"),
    ("consent", "approve"),
    ("asked by", "requested by"),
    ("who asked", "the requester"),
    ("asked for it", "requested it"),
    (
        "operator",
        "administrator, unless the role is meant: Backup Operator, Restore Operator",
    ),
    ("his", "their"),
    ("himself", "themselves"),
    ("go on", "continue, resume"),
    ("goes on", "continues"),
    ("go back", "roll back, undo"),
    ("going back", "rolling back, undoing"),
    ("turn back", "roll back, undo"),
    ("under way", "in progress"),
    ("any more", "no longer"),
    ("anew", "again"),
    ("meanwhile", "in the meantime"),
    ("by itself", "automatically"),
    ("by now", "now"),
    (", too", "also"),
    ("not right", "incorrect"),
    ("mended", "fixed"),
    ("in vain", "to no effect; say what is missing"),
    ("safe way", "securely"),
    ("the one who", "name the role: requester, approver"),
    ("switched off", "powered off"),
    ("free space floor", "minimum free space"),
];

/// Where [`WORDS`] are right nevertheless: file, text, reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("app/src/components/points.rs", "machine", COLUMN),
    ("app/src/components/runs.rs", "machine", COLUMN),
    ("app/src/pages/estate/machine_table.rs", "machine", COLUMN),
    ("app/src/pages/estate/explore/objects.rs", "machine", COLUMN),
    ("app/src/components/plan/facts.rs", "preconditions", "id of an element"),
    ("app/src/form/notice.rs", "verified", "key of a notice, in addresses"),
    ("app/src/pages/points/actions.rs", "verify", "key of a form"),
    (
        "app/src/pages/audit.rs",
        "verify the chain",
        "it is not stored data that is checked",
    ),
    (
        "app/domain/src/audit/detail/event.rs",
        "point.verified.v1",
        "name of an event",
    ),
    ("server/crates/engine/src/run/next.rs", "under way", "message of a test"),
    ("README.md", "verify the chain", "it is not stored data that is checked"),
    ("server/src/demo/accounts.rs", "operator", "name of an account"),
];

const COLUMN: &str = "key of a column, in addresses that people keep";

/// A text, and the line on which it begins.
type Text = (usize, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of git below `folders` that end like this, by their path from the root.
fn files(folders: &[&str], ending: &str) -> Vec<String> {
    let output = Command::new("git")
        .arg("ls-files")
        .args(folders)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let files = listed.lines().filter(|file| file.ends_with(ending));
    // A file that is deleted and not yet committed is listed still.
    let files = files.filter(|file| root().join(file).exists());
    files.filter(|file| !is_test(file)).map(str::to_owned).collect()
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs")
}

/// What comes before the tests of a source file.
fn product(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(source)
}

/// The string literals of a source, continued lines joined.
fn literals(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'', 'r']) {
        let here = &rest[at..];
        let before = rest[..at].chars().next_back().unwrap_or(' ');
        let begins = source.len() - here.len();
        let taken = if here.starts_with("//") {
            here.find('\n').unwrap_or(here.len())
        } else if here.starts_with('\'') {
            character(here)
        } else if let Some((text, length)) = literal(here, before) {
            let line = source[..begins].matches('\n').count() + 1;
            texts.push((line, joined(text)));
            length
        } else {
            1
        };
        rest = &here[taken..];
    }
    texts
}

/// The length of a character literal, or of the quote of a lifetime.
fn character(here: &str) -> usize {
    let inside = here[1..].strip_prefix('\\').map_or(1, |_| 2);
    let end = here
        .char_indices()
        .skip(inside + 1)
        .find(|(_, character)| *character == '\'');
    match end {
        Some((at, _)) if here[..at].chars().count() <= inside + 1 || here.starts_with("'\\u") => at + 1,
        _ => 1,
    }
}

/// The text of a string literal that begins here, and the length of the whole.
fn literal(here: &str, before: char) -> Option<(&str, usize)> {
    let is_raw = here.starts_with('r') && !before.is_alphanumeric() && before != '_';
    let marks = here[1..].chars().take_while(|mark| *mark == '#').count();
    if is_raw && here[1 + marks..].starts_with('"') {
        let (open, close) = (marks + 2, format!("\"{}", "#".repeat(marks)));
        let end = open + here[open..].find(&close)?;
        return Some((&here[open..end], end + close.len()));
    }
    let text = here.strip_prefix('"')?;
    let mut escaped = false;
    let end = text.char_indices().find(|(_, character)| {
        let ends = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| (&text[..at], at + 2))
}

/// A text without the breaks that only the source has.
fn joined(text: &str) -> String {
    text.split("\\\n")
        .enumerate()
        .map(|(number, part)| if number == 0 { part } else { part.trim_start() })
        .collect()
}

/// The help of the commands, which are their doc comments.
fn help(source: &str) -> Vec<Text> {
    let lines = (1..).zip(source.lines());
    lines
        .filter_map(|(number, line)| Some((number, line.trim_start().strip_prefix("/// ")?.to_owned())))
        .collect()
}

/// The lines of a document, without what is code.
fn prose(document: &str) -> Vec<Text> {
    let mut is_code = false;
    let mut texts = Vec::new();
    for (number, line) in (1..).zip(document.lines()) {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            texts.push((number, line.split('`').step_by(2).collect::<Vec<_>>().join("`")));
        }
    }
    texts
}

/// Whether a text has a word as a whole word, whatever its case. Names with hyphens and paths are words of their own.
fn says(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    let is_letter = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || "_-/".contains(it));
    text.match_indices(word)
        .any(|(at, _)| !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next()))
}

/// Role names are the one place where the word is right.
fn without_roles(text: &str) -> String {
    text.replace("Backup Operator", "").replace("Restore Operator", "")
}

/// Whether an exception is about this text: it is the whole text, or a phrase in it. A single word must not excuse others.
fn is_meant(words: &str, text: &str) -> bool {
    text == words || (words.contains(' ') && text.contains(words))
}

/// What is wrong with the texts of a file.
fn faults(file: &str, texts: &[Text]) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, text) in texts {
        let allowed = EXCEPTIONS
            .iter()
            .any(|(of, words, _)| *of == file && is_meant(words, text));
        for (word, right) in WORDS {
            if !allowed && says(&without_roles(text), word) {
                faults.push(format!("{file}:{line}: “{word}” in “{text}”; write: {right}"));
            }
        }
    }
    faults
}

const SOURCES: [&str; 7] = [
    "app/src",
    "app/domain/src",
    "server/crates/engine/src",
    "server/crates/plan/src",
    "server/crates/store/src",
    "server/src",
    "frontend/src",
];

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

#[test]
fn what_a_person_reads_keeps_to_the_glossary() {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for file in files(&SOURCES, ".rs") {
        let texts = literals(product(&read(&file)));
        looked_at += texts.len();
        found.extend(faults(&file, &texts));
    }
    assert!(looked_at > 2_000, "only {looked_at} texts: have the sources moved?");
    for file in files(&["server/src/cli"], ".rs") {
        found.extend(faults(&file, &help(product(&read(&file)))));
    }
    for file in files(&["README.md", "server/docs"], ".md") {
        found.extend(faults(&file, &prose(&read(&file))));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A heading says what is below it; a reader in a hurry does not want to be asked.
#[test]
fn no_text_of_a_page_asks_a_question() {
    let mut found = Vec::new();
    for file in files(&["app/src"], ".rs") {
        for (line, text) in literals(product(&read(&file))) {
            if text.contains(' ') && text.ends_with('?') {
                found.push(format!("{file}:{line}: {text}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_exception_is_still_needed() {
    for (file, words, reason) in EXCEPTIONS {
        let source = read(file);
        let texts = [literals(product(&source)), help(&source), prose(&source)].concat();
        assert!(
            texts.iter().any(|(_, text)| is_meant(words, text)),
            "{file} has no “{words}” any more ({reason})"
        );
    }
}

#[test]
fn a_forbidden_word_is_found_with_its_line_and_the_right_one() {
    let source = "// a machine\nlet a = \"The machine \\\n    runs.\";\nlet b = r#\"Data Base \"x\"\"#;\n";
    let found = faults("some.rs", &literals(source));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("some.rs:2: “machine” in “The machine runs.”; write: VM"));
    assert!(found[1].starts_with("some.rs:4: “data base”"));
}

#[test]
fn comments_identifiers_characters_and_parts_of_words_are_no_texts() {
    let source =
        "let machine = ('\"', '\\'', 'm'); // \"machine\"\nfn of<'a>(it: &'a str) -> r#type { \"this_machine\" }\n";
    let texts = literals(source);
    assert_eq!(texts, [(2, "this_machine".to_owned())]);
    assert!(faults("some.rs", &texts).is_empty());
    assert!(
        faults(
            "some.rs",
            &literals("\"Backup Operator, machinery, this, machine-readable, a/machine\"")
        )
        .is_empty()
    );
}

#[test]
fn tests_of_a_source_and_code_of_a_document_are_left_alone() {
    assert_eq!(product("a\n#[cfg(test)]\nmod tests {\n\"machine\"\n}\n"), "a");
    assert_eq!(
        prose("the `machine` is\n```\nmachine\n```\na machine"),
        [(1, "the ` is".to_owned()), (5, "a machine".to_owned())]
    );
    assert_eq!(
        help("    /// Stop a machine\nfn stop() {}"),
        [(1, "Stop a machine".to_owned())]
    );
}
