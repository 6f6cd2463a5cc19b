//! The state machine that turns the output of one exec request, or of a stretch of an interactive session, into answers.
//!
//! * Prompt lines (`OVM> command`) separate answers. Output without any is separated where a header begins anew. What a
//!   terminal says around the answers, such as a banner, is kept apart: see [`AnswerParser::finish_everything`].
//! * The rest of an answer is read by [`Draft`].
//!
//! **Truncation.** The Manager closes its output with a prompt line (`OVM>`, perhaps followed by `exit` or
//! `Connection closed.`). Not every version is known to do so, hence the rule: the last answer is *truncated* when no
//! prompt line closed it and
//! * its last line has no line end, or
//! * its header was begun but lacks `Status:` or `Time:` (a failure with its error text needs no `Time:`), and no data
//!   followed, or
//! * nothing at all follows the prompt that echoes its command, or
//! * it ends with `Data:`, unless it is a list, which may be empty, or is a `show` without data.
//!
//! Output that was cut exactly behind a line of data looks like the output of a version that prints no closing prompt.
//! A caller that knows the connection broke uses [`AnswerParser::finish_cut_off`], for which every answer without a
//! closing prompt is truncated. A truncated answer is never a success.

use super::data::{self, Header};
use super::draft::{Begins, Draft};
use super::{Answer, lines::LineSplitter};
use crate::ovmcli::syntax::PROMPT;

/// What the last prompt is known to be followed by.
const CLOSINGS: [&str; 2] = ["exit", "Connection closed."];

/// Takes the bytes as they arrive; does no I/O itself.
#[derive(Default)]
pub struct AnswerParser {
    splitter: LineSplitter,
    machine: Machine,
}

/// Parses the whole output of a request that ended in order.
pub fn parse_answers(bytes: &[u8]) -> Vec<Answer> {
    let mut parser = AnswerParser::new();
    parser.push(bytes);
    parser.finish()
}

impl AnswerParser {
    /// A parser that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        let machine = &mut self.machine;
        self.splitter.push(bytes, |line| machine.line(line));
    }

    /// The answers of output that ended in order.
    pub fn finish(self) -> Vec<Answer> {
        without_talk(self.end(false))
    }

    /// The answers of output that ended because the connection broke.
    pub fn finish_cut_off(self) -> Vec<Answer> {
        without_talk(self.end(true))
    }

    /// Everything that came, also what belongs to no answer: such lines are in answers of their own, which have no
    /// command, header or data, only text.
    pub fn finish_everything(self) -> Vec<Answer> {
        self.end(false)
    }

    fn end(self, cut_off: bool) -> Vec<Answer> {
        let mut machine = self.machine;
        let mut open_line = false;
        if let Some((line, complete)) = self.splitter.finish() {
            open_line = !complete;
            machine.last_line(line, open_line);
        }
        machine.release(false);
        if let Some(draft) = machine.current.take() {
            let truncated = cut_off || open_line || draft.is_unfinished();
            machine.answers.push(draft.build(truncated));
        }
        machine.answers
    }
}

/// Leaves out what a terminal says around the answers, when there are answers.
fn without_talk(mut answers: Vec<Answer>) -> Vec<Answer> {
    if answers.iter().any(|answer| !answer.is_talk()) {
        answers.retain(|answer| !answer.is_talk());
    }
    answers
}

#[derive(Default)]
struct Machine {
    answers: Vec<Answer>,
    current: Option<Draft>,
    /// A line that may begin the next answer; the line behind it tells.
    held: Option<String>,
    saw_prompt: bool,
}

impl Machine {
    fn line(&mut self, line: String) {
        self.release(is_header(&line));
        if let Some(echo) = line.strip_prefix(PROMPT) {
            self.saw_prompt = true;
            return self.prompt(echo, &line);
        }
        let begins = |draft: &Draft| draft.ends_before(&line, self.saw_prompt);
        match self.current.as_ref().map_or(Begins::No, begins) {
            Begins::Yes => self.close(),
            Begins::No => {}
            Begins::WithHeader => {
                self.held = Some(line);
                return;
            }
        }
        self.take(line);
    }

    /// Takes the last line, which may lack its end. The closing prompt may be cut off in its words; they are no command.
    fn last_line(&mut self, line: String, open: bool) {
        let echo = line.strip_prefix(PROMPT).map(str::trim).unwrap_or_default();
        let is_cut = |closing: &&str| !echo.is_empty() && echo != *closing && closing.starts_with(echo);
        if open && self.current.is_some() && CLOSINGS.iter().any(is_cut) {
            self.release(false);
            self.close();
            return self.take(line);
        }
        if open && PROMPT.starts_with(&line) && line != PROMPT {
            self.release(false);
            if let Some(draft) = &mut self.current {
                return draft.cut_prompt(line);
            }
        }
        self.line(line);
    }

    /// Takes the line that was held back, for this answer or for the next.
    fn release(&mut self, begins: bool) {
        if let Some(held) = self.held.take() {
            if begins {
                self.close();
            }
            self.take(held);
        }
    }

    fn take(&mut self, line: String) {
        if self.current.is_some() || !line.trim().is_empty() {
            self.current.get_or_insert_default().line(line);
        }
    }

    /// Ends the answer before the prompt and begins the one after it, if the prompt echoes a command.
    fn prompt(&mut self, echo: &str, line: &str) {
        self.close();
        let mut echo = echo.trim();
        while let Some(rest) = echo.strip_prefix(PROMPT) {
            echo = rest.trim_start();
        }
        if echo.is_empty() || CLOSINGS.contains(&echo) {
            return;
        }
        if is_last_word(echo) {
            self.take(line.to_owned());
        } else {
            self.current = Some(Draft::prompted(echo, line));
        }
    }

    fn close(&mut self) {
        self.answers.extend(self.current.take().map(|draft| draft.build(false)));
    }
}

/// Whether what follows a prompt is no command, but ends the session in other words than usual. They are kept as talk.
fn is_last_word(echo: &str) -> bool {
    let closed = echo.starts_with("Connection to ") && echo.contains(" closed");
    closed || echo.starts_with("Received disconnect ") || echo.eq_ignore_ascii_case("exit")
}

/// Whether a line behind `Command:` shows that an answer began there.
fn is_header(line: &str) -> bool {
    match data::header(line) {
        None | Some(Header::Command(_)) => false,
        Some(Header::Data(first)) => first.is_empty(),
        Some(_) => true,
    }
}
