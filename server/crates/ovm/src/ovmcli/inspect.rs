//! What `holdfast inspect ovmcli` prints: output of the Manager as a value for programs.

use super::answer::{Answer, AnswerParser, Item, OvmError, Property, Status};
use serde::Serialize;

/// Every answer in a piece of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// In the order of the output.
    pub results: Vec<Inspected>,
}

/// One answer; see [`Answer`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspected {
    /// The command as the Manager echoed it.
    pub command: Option<String>,
    /// Success, failure or unknown.
    pub status: Status,
    /// The output ended in the middle of this answer; the rule is told at [`AnswerParser`].
    pub truncated: bool,
    /// Local time of the Manager as printed.
    pub time: Option<String>,
    /// Job of the command.
    pub job_id: Option<String>,
    /// What went wrong.
    pub error: Option<OvmError>,
    /// `id: ... name: ...` lines.
    pub items: Vec<Item>,
    /// `key = value` lines.
    pub properties: Vec<Property>,
    /// All other lines, also those before the first and behind the last answer.
    pub text: Vec<String>,
}

impl From<Answer> for Inspected {
    fn from(answer: Answer) -> Self {
        Self {
            command: answer.command,
            status: answer.status,
            truncated: answer.truncated,
            time: answer.time,
            job_id: answer.job_id,
            error: answer.error,
            items: answer.items,
            properties: answer.properties,
            text: answer.text,
        }
    }
}

/// Reads output. Lines that belong to no answer, such as a banner, go to the text of the answer before them, or of the
/// first.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut parser = AnswerParser::new();
    parser.push(bytes);
    let mut results: Vec<Inspected> = Vec::new();
    let mut banner = Vec::new();
    let mut talk_alone = None;
    for answer in parser.finish_everything() {
        match (answer.is_talk(), results.last_mut()) {
            (true, Some(before)) => before.text.extend(answer.text),
            (true, None) => {
                banner.extend(answer.text.iter().cloned());
                talk_alone = Some(answer);
            }
            (false, _) => results.push(answer.into()),
        }
    }
    match (results.first_mut(), talk_alone) {
        (Some(first), _) => {
            first.text.splice(0..0, banner);
        }
        (None, Some(talk)) => results.push(Inspected {
            text: banner,
            ..talk.into()
        }),
        (None, None) => {}
    }
    Inspection { results }
}
