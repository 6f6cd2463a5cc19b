//! An answer under construction, line by line.
//!
//! * The header lines come in any order, also behind the data. After `Error Msg:` everything is error text up to
//!   `Data:`, except well-formed header lines that have not come yet.
//! * Where no prompt separates answers, a header line that has come before begins the next one. A `Command:` in an
//!   error text or in the data does so only if more of a header follows it.
//! * An error without an envelope is known by its catalogue code, and goes on to the end of the answer.
//! * Data may come without header and `Data:`. Behind `Data:`, lines that are neither items nor properties go on the
//!   value above; else they are text.

use super::data::{self, Header};
use super::{Answer, OvmError, Status};
use crate::ovmcli::syntax::PROMPT;

/// Commands whose data is a document, not properties.
const DOCUMENT_COMMANDS: [&str; 6] = [
    "getvmcfgfilecontent",
    "help",
    "showallcustomcmds",
    "showcustomcmds",
    "showobjtypes",
    "showversion",
];

/// How XML begins. Its layout is not known, so that it is kept as text.
const XML: &str = "<?xml";

/// Which part of an answer the next line belongs to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Header,
    Error,
    Data,
}

/// Whether a line begins the next answer, where no prompt does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Yes,
    No,
    /// It does if the line behind it is one of a header.
    WithHeader,
}

/// What has been read of an answer.
#[derive(Default)]
pub(super) struct Draft {
    answer: Answer,
    status: Option<Status>,
    part: Part,
    /// A header line has been seen, so that the rest of the header must come.
    headed: bool,
    /// A `Command:` line has been seen.
    named: bool,
    error: Option<Vec<String>>,
    /// Whether the data lines have the usual two leading blanks; told by the first.
    indented: Option<bool>,
    /// Blank lines that belong to a value if it goes on behind them.
    blanks: usize,
    /// The last line of data was one of a value, which may go on.
    open_value: bool,
    /// Everything is text.
    document: bool,
}

impl Draft {
    /// The answer to a command that a prompt echoes.
    pub(super) fn prompted(command: &str, line: &str) -> Self {
        let mut draft = Self::default();
        draft.answer.command = Some(command.to_owned());
        draft.document = is_document(command);
        draft.keep_raw(line);
        draft
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, line: String) {
        self.keep_raw(&line);
        if line.starts_with(XML) {
            self.document = true;
        }
        if self.part == Part::Data && !self.may_be_header(&line) {
            return self.data_line(line);
        }
        if self.header_line(&line) {
            // An error text can stand alone.
            self.headed |= !line.starts_with("Error Msg:");
        } else if self.part == Part::Error {
            self.error.get_or_insert_default().push(line);
        } else if self.document || !self.bare_line(&line) {
            self.text(line);
        }
    }

    /// Whether a line begins another answer; `prompts` says that some answers came behind a prompt.
    pub(super) fn ends_before(&self, line: &str, prompts: bool) -> Begins {
        let Some(header) = data::header(line) else {
            return Begins::No;
        };
        let begins = match header {
            Header::Command(_) if self.part == Part::Header && prompts => self.named,
            Header::Command(_) if self.named && (self.part == Part::Error || prompts) => return Begins::WithHeader,
            Header::Command(_) => self.named || !self.headed && self.has_data(),
            _ if prompts || self.part == Part::Error => false,
            Header::Status(_) => self.status.is_some(),
            Header::Time(_) => self.answer.time.is_some(),
            Header::JobId(_) => self.answer.job_id.is_some(),
            Header::Data("") => self.part == Part::Data && self.named,
            Header::Data(_) | Header::Error(_) => false,
        };
        if begins { Begins::Yes } else { Begins::No }
    }

    /// Takes the beginning of a prompt, behind which the output ends.
    pub(super) fn cut_prompt(&mut self, line: String) {
        self.keep_raw(&line);
        self.answer.text.push(line);
    }

    /// Whether more must come: the rest of a header, something behind the prompt, or data where none may lack.
    pub(super) fn is_unfinished(&self) -> bool {
        match self.headed {
            true if self.part == Part::Data && !self.is_empty() => false,
            true => self.lacks_header() || self.lacks_data(),
            false => self.answer.command.is_some() && self.is_empty(),
        }
    }

    /// Behind `Data:` only a list may be empty; `show` has data whenever it succeeds.
    fn lacks_data(&self) -> bool {
        let is = |verb| {
            self.answer
                .command
                .as_deref()
                .is_some_and(|own| first_word_is(own, verb))
        };
        match self.part {
            Part::Data => !is("list"),
            Part::Header => is("show") && self.status == Some(Status::Success) && self.is_empty(),
            Part::Error => false,
        }
    }

    /// A failure that says what went wrong has said enough, whatever may be missing of its frame.
    fn lacks_header(&self) -> bool {
        match self.status {
            None => true,
            Some(Status::Failure) if self.error.is_some() => false,
            Some(_) => self.answer.time.is_none(),
        }
    }

    fn has_data(&self) -> bool {
        !self.answer.items.is_empty() || !self.answer.properties.is_empty()
    }

    fn is_empty(&self) -> bool {
        !self.has_data() && self.answer.text.is_empty() && self.error.is_none()
    }

    /// The finished answer. An error beside a success is a contradiction, hence unknown.
    pub(super) fn build(mut self, truncated: bool) -> Answer {
        self.answer.error = self.error.map(|lines| data::error(&lines));
        self.answer.truncated = truncated;
        self.answer.status = match (self.status, &self.answer.error) {
            _ if truncated => Status::Unknown,
            (Some(Status::Success), Some(OvmError { .. })) => Status::Unknown,
            (status, _) => status.unwrap_or_default(),
        };
        while self.answer.text.last().is_some_and(|line| line.trim().is_empty()) {
            self.answer.text.pop();
        }
        self.answer
    }

    fn keep_raw(&mut self, line: &str) {
        self.answer.raw.push_str(line);
        self.answer.raw.push('\n');
    }

    /// Keeps a line as text; blank lines only in a document.
    fn text(&mut self, line: String) {
        if self.document || !line.trim().is_empty() {
            self.answer.text.push(line);
        }
    }

    /// Whether a line behind `Data:` can be a late header line.
    fn may_be_header(&self, line: &str) -> bool {
        !self.document && !line.starts_with([' ', '\t'])
    }

    /// Takes a header line. Inside an error text and behind data only one that is well-formed and has not come before.
    fn header_line(&mut self, line: &str) -> bool {
        match data::header(line) {
            Some(Header::Command(command)) if self.part == Part::Header || self.lacks_command(command) => {
                self.command(command);
            }
            Some(Header::Status(status)) if self.status.is_none() => self.status = Some(status),
            Some(Header::Time(time)) if self.answer.time.is_none() => self.answer.time = Some(time.to_owned()),
            Some(Header::JobId(id)) if self.answer.job_id.is_none() => self.answer.job_id = Some(id.to_owned()),
            Some(Header::Error(text)) if self.error.is_none() => {
                self.part = Part::Error;
                self.error = Some(vec![text.to_owned()]);
            }
            Some(Header::Data(first)) if self.part == Part::Header || self.part == Part::Error && first.is_empty() => {
                self.part = Part::Data;
                self.answer.text_before_data = self.answer.text.len();
                if !first.is_empty() {
                    self.data_line(first.to_owned());
                }
            }
            _ => return self.part == Part::Data && self.took_data(line),
        }
        true
    }

    /// Whether this may be the command line of the header, behind data or an error.
    fn lacks_command(&self, command: &str) -> bool {
        !self.named && self.answer.command.as_deref().is_none_or(|echo| echo == command)
    }

    /// Takes the command as the envelope names it. The terminal may have shown something else; then that is kept too.
    fn command(&mut self, command: &str) {
        self.named = true;
        if command.is_empty() {
            return;
        }
        self.document |= is_document(command);
        let echo = self.answer.command.replace(command.to_owned());
        if let Some(echo) = echo.filter(|echo| echo != command) {
            self.answer.text.push(format!("{PROMPT} {echo}"));
        }
    }

    fn took_data(&mut self, line: &str) -> bool {
        self.data_line(line.to_owned());
        true
    }

    /// Data without an envelope, or an error without one.
    fn bare_line(&mut self, line: &str) -> bool {
        let begins_error = self.error.is_none() && data::begins_with_code(line);
        if let Some(item) = data::item(line) {
            self.answer.items.push(item);
        } else if let Some(property) = data::property(line).filter(|_| !begins_error) {
            self.answer.properties.push(property);
        } else if self.error.is_none() && data::known_code(line).is_some() {
            self.part = Part::Error;
            self.error = Some(vec![line.to_owned()]);
        } else {
            return false;
        }
        true
    }

    fn data_line(&mut self, line: String) {
        if self.document {
            return self.text(line);
        }
        if line.trim().is_empty() {
            self.blanks += 1;
            return;
        }
        let is_indented = line.starts_with("  ") || line.starts_with('\t');
        let indented = *self.indented.get_or_insert(is_indented);
        let blanks = std::mem::take(&mut self.blanks);
        if !indented || is_indented {
            if let Some(item) = data::item(&line) {
                self.open_value = false;
                return self.answer.items.push(item);
            }
            if let Some(property) = data::property(&line) {
                self.open_value = true;
                return self.answer.properties.push(property);
            }
        }
        match self.answer.properties.last_mut().filter(|_| self.open_value) {
            Some(property) => data::continue_value(property, blanks, &line),
            None => self.text(line),
        }
    }
}

/// Whether the answer to a command is a document; `create Vm ?` asks for help.
fn is_document(command: &str) -> bool {
    command.ends_with('?') || DOCUMENT_COMMANDS.iter().any(|known| first_word_is(command, known))
}

fn first_word_is(command: &str, word: &str) -> bool {
    let first = command.split_whitespace().next();
    first.is_some_and(|first| first.eq_ignore_ascii_case(word))
}
