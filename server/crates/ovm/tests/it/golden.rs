//! What is printed for the samples is what stands beside them. To write it anew after a change that is meant, run the
//! tests with `UPDATE_SAMPLES=1` and read the difference.

use super::samples::files;
use ovm::{ovmcli, vmcfg};
use serde::Serialize;
use std::fs;
use std::path::Path;

fn compare(sample: &Path, found: &impl Serialize) {
    let expected = sample.with_extension("json");
    let found = serde_json::to_string_pretty(found).unwrap() + "\n";
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    let expected_text = fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(found, expected_text, "{}", expected.display());
}

#[test]
fn answers_in_every_line_end() {
    for sample in files("answers", "txt") {
        let text = fs::read_to_string(&sample).unwrap();
        for end in ["\n", "\n\r", "\r\n", "\r"] {
            compare(&sample, &ovmcli::inspect(text.replace('\n', end).as_bytes()));
        }
    }
}

#[test]
fn definitions_of_machines() {
    for sample in files("vmcfg", "cfg") {
        let text = fs::read_to_string(&sample).unwrap();
        for end in ["\n", "\r\n"] {
            compare(&sample, &vmcfg::inspect(text.replace('\n', end).as_bytes()).unwrap());
        }
    }
}

#[test]
fn what_is_no_definition_is_refused() {
    for text in ["", "\n# only a note\n", "just words\nand more", "\u{0}\u{1}"] {
        assert!(vmcfg::inspect(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(vmcfg::inspect(b"a = 1\n\xff\xfe\n").unwrap().warnings[0].starts_with("Line 2: "));
}
