//! The readers on damaged samples: bytes flipped, pieces cut out, lines doubled, line ends mixed. They must neither
//! panic nor hang nor lose a line. `HOLDFAST_FUZZ_CASES` sets how many samples each test damages.

use super::samples::contents;
use ovm::ovmcli::{self, CheckOptions, check_script};
use ovm::vmcfg;
use proptest::prelude::*;
use serde_json::Value;
use std::fmt;

fn cases() -> ProptestConfig {
    let cases = std::env::var("HOLDFAST_FUZZ_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases.unwrap_or(150))
    }
}

/// One damage: what, where (as a fraction of the length), and a byte to do it with.
type Damage = (u8, u16, u8);

/// Samples of a kind, each damaged a few times.
fn damaged(kind: &str, ending: &str) -> impl Strategy<Value = Damaged> {
    let damages = prop::collection::vec((0_u8..7, any::<u16>(), any::<u8>()), 0..10);
    (prop::sample::select(contents(kind, ending)), damages).prop_map(|(sample, how)| Damaged(damage(&sample, &how)))
}

/// A damaged sample; readable when a test fails.
#[derive(Clone)]
struct Damaged(Vec<u8>);

impl fmt::Debug for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn damage(sample: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for &(what, place, with) in damages {
        let at = bytes.len() * usize::from(place) / (usize::from(u16::MAX) + 1);
        let further = (at + usize::from(with)).min(bytes.len());
        match what {
            0 if at < bytes.len() => bytes[at] ^= with,
            1 => drop(bytes.drain(at..further)),
            2 => bytes.truncate(bytes.len() - usize::from(with).min(bytes.len())),
            3 => bytes.insert(at, with),
            4 => double_line(&mut bytes, at),
            5 => change_line_end(&mut bytes, at, with),
            6 => drop(bytes.splice(at..at, TOKENS[usize::from(with) % TOKENS.len()].bytes())),
            _ => {}
        }
    }
    bytes
}

/// Pieces that mean something to one of the readers.
const TOKENS: [&str; 24] = [
    "OVM> ",
    "\nOVM> list Vm\n",
    "\nCommand: x\n",
    "Status: Success\n",
    "\nTime: 2\n",
    "Data:\n",
    "\nError Msg: e\n",
    "GEN_000029:",
    " = ",
    "  [",
    "id:a  name:b",
    "<?xml",
    "\n\r",
    "\r",
    ";",
    "'",
    "\"",
    "/",
    "${x}",
    "[[[[",
    "{",
    "\\",
    "#",
    "\n\n",
];

fn double_line(bytes: &mut Vec<u8>, at: usize) {
    let start = bytes[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| at + end + 1);
    let line = bytes[start..end].to_vec();
    bytes.splice(end..end, line);
}

fn change_line_end(bytes: &mut Vec<u8>, at: usize, with: u8) {
    let ends: [&[u8]; 4] = [b"\n\r", b"\r\n", b"\r", b"\n"];
    if let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n').map(|end| at + end) {
        bytes.splice(end..=end, ends[usize::from(with) % 4].iter().copied());
    }
}

/// The lines of a text, read in another way than the readers do.
fn lines(bytes: &[u8]) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' | b'\r' => {
                let other = if byte == b'\n' { b'\r' } else { b'\n' };
                bytes.next_if_eq(&other);
                lines.push(Vec::new());
            }
            byte => lines.last_mut().unwrap().push(byte),
        }
    }
    lines
        .iter()
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect()
}

/// All texts in a value, keys of objects too, each on lines of its own.
fn texts(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => *out += &format!("{text}\n"),
        Value::Array(list) => list.iter().for_each(|element| texts(element, out)),
        Value::Object(map) => map.iter().for_each(|(key, element)| {
            *out += &format!("{key}\n");
            texts(element, out);
        }),
        _ => {}
    }
}

/// Whether a line of output stands somewhere in what was made of it.
fn is_kept(line: &str, kept: &str) -> bool {
    let has = |part: &str| kept.contains(part.trim());
    let mut echo = line;
    while let Some(rest) = echo.strip_prefix("OVM>") {
        echo = rest.trim();
    }
    let closes = matches!(echo, "" | "exit" | "Connection closed.");
    let pair = |at: &str| {
        line.trim()
            .split_once(at)
            .is_some_and(|(left, right)| has(left) && has(right))
    };
    let header = ["Command:", "Status:", "Time:", "JobId:", "Error Msg:", "Data:"];
    let value = header.iter().find_map(|key| line.strip_prefix(key));
    let item = line.trim_start().strip_prefix("id:");
    let in_item = |rest: &str| {
        ["  name:", " name:"]
            .iter()
            .any(|at| rest.split_once(at).is_some_and(|(id, name)| has(id) && has(name)))
    };
    echo != line && (closes || has(echo))
        || has(line)
        || pair(" = ")
        || line.trim().strip_suffix(" =").is_some_and(has)
        || item.is_some_and(in_item)
        || value.is_some_and(|value| is_kept(value.trim(), kept))
        // The status of a truncated or contradictory answer is not believed.
        || matches!(value.map(str::trim), Some("Success" | "Failure")) && has_status(kept)
}

fn has_status(kept: &str) -> bool {
    ["success", "failure", "unknown"]
        .iter()
        .any(|status| kept.contains(status))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn answers_keep_every_line(Damaged(bytes) in damaged("answers", "txt")) {
        let found = serde_json::to_value(ovmcli::inspect(&bytes)).unwrap();
        let mut kept = String::new();
        texts(&found, &mut kept);
        for line in lines(&bytes).iter().filter(|line| !line.trim().is_empty()) {
            prop_assert!(is_kept(line, &kept), "lost: {line:?}\n{found:#}");
        }
        for result in found["results"].as_array().unwrap() {
            prop_assert!(!(result["truncated"] == true && result["status"] != "unknown"));
        }
    }

    #[test]
    fn definitions_keep_every_key(Damaged(bytes) in damaged("vmcfg", "cfg")) {
        let Ok(found) = vmcfg::inspect(&bytes) else { return Ok(()) };
        let found = serde_json::to_value(found).unwrap();
        let mut kept = String::new();
        texts(&found, &mut kept);
        for line in lines(&bytes) {
            let line = line.trim_start_matches('\u{feff}').trim();
            let key = line.split_once('=').map_or(line, |(key, _)| key.trim_end());
            let comment = line.starts_with('#');
            let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !comment && plain(key) {
                prop_assert!(kept.contains(key), "lost: {line:?}\n{found:#}");
            }
        }
    }

    #[test]
    fn scripts_are_checked_whatever_they_hold(Damaged(bytes) in damaged("scripts", "ovmcli"), complete: bool) {
        let text = String::from_utf8_lossy(&bytes);
        let report = check_script(&text, CheckOptions { version: None, complete });
        let lines: Vec<_> = match text.contains('\n') {
            true => text.split('\n').collect(),
            false => text.split('\r').collect(),
        };
        for finding in report.findings {
            let line = lines.get(finding.line - 1);
            prop_assert!(line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&finding.column)), "{finding:?}");
        }
    }
}
