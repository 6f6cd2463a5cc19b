//! The state machine that turns the output of one exec request, or of a stretch of an interactive session, into answers.
//!
//! * Prompt lines (`OVM> command`) separate answers. Output without any is separated at its `Command:` lines. Text
//!   before the first echoed command, such as a banner, is dropped.
//! * The header lines come in any order. After `Error Msg:` everything is error text up to `Data:` or a prompt, except
//!   well-formed header lines that have not come yet.
//! * In data, lines indented like the first are items or properties; others go on the value above.
//!
//! **Truncation.** The Manager closes its output with a prompt line (`OVM>`, perhaps followed by `exit` or
//! `Connection closed.`). Not every version is known to do so, hence the rule: the last answer is *truncated* when no
//! prompt line closed it and either its last line has no line end or its header was begun but lacks `Status:` or
//! `Time:`. A caller that knows the connection broke uses [`AnswerParser::finish_cut_off`], for which every answer
//! without a closing prompt is truncated. A truncated answer is never a success.

use super::{Answer, OvmError, Status, data, lines::LineSplitter};
use crate::ovmcli::syntax::PROMPT;

/// Commands whose data is a document, not properties.
const DOCUMENT_COMMANDS: [&str; 3] = ["getvmcfgfilecontent", "help", "showversion"];

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
        self.end(false)
    }

    /// The answers of output that ended because the connection broke.
    pub fn finish_cut_off(self) -> Vec<Answer> {
        self.end(true)
    }

    fn end(self, cut_off: bool) -> Vec<Answer> {
        let mut machine = self.machine;
        let mut open_line = false;
        if let Some((line, complete)) = self.splitter.finish() {
            open_line = !complete;
            machine.line(line);
        }
        if let Some(draft) = machine.current.take() {
            let truncated = cut_off || open_line || draft.lacks_header();
            machine.answers.push(draft.build(truncated));
        }
        machine.answers
    }
}

/// Which part of an answer the next line belongs to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Header,
    Error,
    Data,
}

#[derive(Default)]
struct Machine {
    answers: Vec<Answer>,
    current: Option<Draft>,
    saw_prompt: bool,
}

impl Machine {
    fn line(&mut self, line: String) {
        if let Some(echo) = line.strip_prefix(PROMPT) {
            self.saw_prompt = true;
            return self.prompt(echo, &line);
        }
        let begins = line.starts_with("Command:");
        let separates = begins && !self.saw_prompt && self.current.as_ref().is_some_and(|draft| draft.headed);
        if separates {
            self.close();
        }
        if self.current.is_none() && line.trim().is_empty() {
            return;
        }
        self.current.get_or_insert_default().line(line);
    }

    /// Ends the answer before the prompt and begins the one after it, if the prompt echoes a command.
    fn prompt(&mut self, echo: &str, line: &str) {
        self.close();
        let mut echo = echo.trim();
        while let Some(rest) = echo.strip_prefix(PROMPT) {
            echo = rest.trim_start();
        }
        if !matches!(echo, "" | "exit" | "Connection closed.") {
            // A banner before the first command answers nothing.
            self.answers
                .retain(|answer| answer.command.is_some() || answer.time.is_some());
            let mut draft = Draft::default();
            draft.answer.command = Some(echo.to_owned());
            draft.headed = true;
            draft.keep_raw(line);
            self.current = Some(draft);
        }
    }

    fn close(&mut self) {
        self.answers.extend(self.current.take().map(|draft| draft.build(false)));
    }
}

/// An answer under construction.
#[derive(Default)]
struct Draft {
    answer: Answer,
    status: Option<Status>,
    part: Part,
    /// A prompt or a header line has been seen, so that the rest of the header must come.
    headed: bool,
    error: Option<Vec<String>>,
    /// Whether the data lines have the usual two leading blanks; told by the first.
    indented: Option<bool>,
}

impl Draft {
    fn line(&mut self, line: String) {
        self.keep_raw(&line);
        if self.part == Part::Data {
            return self.data_line(line);
        }
        if self.header_line(&line) {
            self.headed = true;
        } else if self.part == Part::Error {
            self.error.get_or_insert_default().push(line);
        } else {
            self.answer.text.push(line);
        }
    }

    fn keep_raw(&mut self, line: &str) {
        self.answer.raw.push_str(line);
        self.answer.raw.push('\n');
    }

    /// Takes a header line. Inside an error text only one that is well-formed and has not come before.
    fn header_line(&mut self, line: &str) -> bool {
        let Some((key, value)) = line.split_once(':') else {
            return false;
        };
        let value = value.trim();
        match key {
            "Command" if self.part == Part::Header => self.answer.command = Some(value.to_owned()),
            "Status" if self.status.is_none() && status(value).is_some() => self.status = status(value),
            "Time" if self.answer.time.is_none() && value.starts_with(|first: char| first.is_ascii_digit()) => {
                self.answer.time = Some(value.to_owned());
            }
            "JobId" if self.answer.job_id.is_none() && value.parse::<u64>().is_ok() => {
                self.answer.job_id = Some(value.to_owned());
            }
            "Error Msg" if self.part == Part::Header => {
                self.part = Part::Error;
                self.error = Some(vec![value.to_owned()]);
            }
            "Data" if self.part == Part::Header || value.is_empty() => {
                self.part = Part::Data;
                if !value.is_empty() {
                    self.data_line(value.to_owned());
                }
            }
            _ => return false,
        }
        true
    }

    fn data_line(&mut self, line: String) {
        if self.is_document() {
            self.answer.text.push(line);
            return;
        }
        let indented = *self.indented.get_or_insert_with(|| line.starts_with("  "));
        if !indented || line.starts_with("  ") {
            if let Some(item) = data::item(&line) {
                return self.answer.items.push(item);
            }
            if let Some(property) = data::property(&line) {
                return self.answer.properties.push(property);
            }
        }
        match self.answer.properties.last_mut() {
            Some(property) => data::continue_value(property, &line),
            // The Manager says `None` where a list is empty.
            None if line.trim() == "None" || line.trim().is_empty() => {}
            None => self.answer.text.push(line),
        }
    }

    fn is_document(&self) -> bool {
        let verb = self
            .answer
            .command
            .as_deref()
            .and_then(|command| command.split_whitespace().next());
        verb.is_some_and(|verb| DOCUMENT_COMMANDS.iter().any(|known| verb.eq_ignore_ascii_case(known)))
    }

    fn lacks_header(&self) -> bool {
        self.headed && (self.status.is_none() || self.answer.time.is_none())
    }

    /// The finished answer. An error beside a success is a contradiction, hence unknown.
    fn build(mut self, truncated: bool) -> Answer {
        self.answer.error = self.error.map(|lines| data::error(&lines));
        self.answer.truncated = truncated;
        self.answer.status = match (self.status, &self.answer.error) {
            _ if truncated => Status::Unknown,
            (Some(Status::Success), Some(OvmError { .. })) => Status::Unknown,
            (status, _) => status.unwrap_or_default(),
        };
        self.answer
    }
}

fn status(text: &str) -> Option<Status> {
    match text {
        "Success" => Some(Status::Success),
        "Failure" => Some(Status::Failure),
        _ => None,
    }
}
