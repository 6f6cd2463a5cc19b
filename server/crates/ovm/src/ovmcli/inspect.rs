//! What `holdfast inspect ovmcli` prints: output of the Manager as a value for programs.

use super::answer::{Answer, AnswerParser};
use serde::Serialize;

/// Every answer in a piece of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// In the order of the output. Lines before the first and behind the last answer are in their text.
    pub results: Vec<Answer>,
}

/// Reads output. Lines that belong to no answer, such as a banner, go to the text of the answer before them, or of the
/// first.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut parser = AnswerParser::new();
    parser.push(bytes);
    let mut results: Vec<Answer> = Vec::new();
    let mut banner = Vec::new();
    let mut talk_alone = None;
    for answer in parser.finish_everything() {
        match (answer.is_talk(), results.last_mut()) {
            (true, Some(before)) => before.text.extend(answer.text),
            (true, None) => {
                banner.extend(answer.text.iter().cloned());
                talk_alone = Some(answer);
            }
            (false, _) => results.push(answer),
        }
    }
    match (results.first_mut(), talk_alone) {
        (Some(first), _) => {
            first.text.splice(0..0, banner);
        }
        (None, Some(talk)) => results.push(Answer { text: banner, ..talk }),
        (None, None) => {}
    }
    Inspection { results }
}
