//! Answers as values, and how they look on the wire.

use super::Session;
use crate::switches::{EmptyList, ErrorLine, Switches};
use jiff::Timestamp;

/// An error text of the Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CliError(String);

impl CliError {
    /// A text with the code that the Manager would give it. Only `GEN_000029` is documented; the other codes are of
    /// the right families and guessed.
    pub fn coded(code: &str, text: &str) -> Self {
        Self(format!("{code} {text}"))
    }

    /// A line that is not a command.
    pub fn syntax(text: &str) -> Self {
        Self(format!("Invalid command: {text}"))
    }

    /// Something that exists in reality and that the lab cannot do.
    pub fn not_simulated(what: &str) -> Self {
        Self(format!("The lab does not simulate {what}."))
    }

    /// The documented text for an object that a job holds.
    pub fn locked(name: &str, id: &str, kind: &str) -> Self {
        Self(format!(
            "GEN_000029:Object {name}:{id}\nof type {kind} could not be modified as it was locked when it was fetched."
        ))
    }

    /// The text in full.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// What a command prints.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Lines without an envelope.
    Plain(Vec<String>),
    /// An answer with its envelope.
    Envelope(Envelope),
    /// Nothing: the session ends.
    Exit,
}

/// The envelope.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub command: String,
    pub error: Option<CliError>,
    pub job: Option<u64>,
    pub data: Data,
}

/// The block below `Data:`.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// No `Data:` line.
    None,
    /// `id:... name:...` lines.
    Items(Vec<(String, String)>),
    /// `key = value` lines.
    Properties(Vec<(String, String)>),
    /// Free text.
    Text(Vec<String>),
    /// Free text that starts at the first column.
    Flush(Vec<String>),
}

impl Reply {
    /// An envelope around one line of text.
    pub fn text(line: &str, text: &str) -> Self {
        Self::Envelope(Envelope {
            command: line.to_owned(),
            error: None,
            job: None,
            data: Data::Text(vec![text.to_owned()]),
        })
    }

    /// Whether a command failed.
    pub fn failed(&self) -> bool {
        matches!(self, Self::Envelope(envelope) if envelope.error.is_some())
    }

    /// The text, with the session's line ends.
    pub fn render(&self, session: &Session, switches: &Switches, now: Timestamp) -> String {
        let lines = match self {
            Self::Plain(lines) => lines.clone(),
            Self::Envelope(envelope) => envelope.lines(session, switches, now),
            Self::Exit => Vec::new(),
        };
        let end = session.line_end.as_str();
        lines.iter().map(|line| format!("{line}{end}")).collect()
    }
}

impl Envelope {
    fn lines(&self, session: &Session, switches: &Switches, now: Timestamp) -> Vec<String> {
        let status = if self.error.is_some() { "Failure" } else { "Success" };
        let time = Some(format!(
            "Time: {} {}",
            now.strftime("%Y-%m-%d %H:%M:%S,%3f"),
            switches.time_zone
        ));
        let with_job = switches.job_id && (self.error.is_none() || switches.job_id_on_failure);
        let job = self.job.filter(|_| with_job).map(|job| format!("JobId: {job}"));
        let error = self.error.as_ref().map(|error| format!("Error Msg: {}", error.text()));
        let error = error.map(|error| match switches.indent_errors {
            true => error.replace('\n', "\n    "),
            false => error,
        });
        let header = match switches.error_line {
            ErrorLine::AfterJobId => [time, job, error],
            ErrorLine::AfterTime => [time, error, job],
            ErrorLine::BeforeTime => [error, time, job],
        };
        let mut lines = vec![format!("Command: {}", self.command), format!("Status: {status}")];
        for text in header.into_iter().flatten() {
            lines.extend(text.lines().map(str::to_owned));
        }
        if switches.warnings && self.error.is_none() {
            lines.push("Warning: the object has an event that nobody has acknowledged".to_owned());
        }
        if switches.data_on_failure && self.error.is_some() {
            lines.push(data_title(switches).to_owned());
        }
        lines.extend(self.data.lines(session, switches));
        lines
    }
}

fn data_title(switches: &Switches) -> &'static str {
    if switches.blank_after_data { "Data: " } else { "Data:" }
}

impl Data {
    fn lines(&self, session: &Session, switches: &Switches) -> Vec<String> {
        let title = data_title(switches).to_owned();
        let body = match self {
            Self::None => return Vec::new(),
            Self::Items(items) if items.is_empty() => match switches.empty_list {
                EmptyList::NoData => return Vec::new(),
                EmptyList::DataOnly => Vec::new(),
                EmptyList::None => vec!["  None".to_owned()],
            },
            Self::Items(items) => items
                .iter()
                .map(|(id, name)| format!("  id:{id}  name:{name}"))
                .collect(),
            Self::Properties(properties) => {
                let mut properties = properties.clone();
                if session.alphabetize {
                    properties.sort_by(|one, other| one.0.cmp(&other.0));
                }
                if switches.reverse_keys {
                    properties.reverse();
                }
                let blank = if switches.blank_before_values { " " } else { "" };
                properties
                    .iter()
                    .map(|(key, value)| format!("  {key} = {blank}{value}"))
                    .collect()
            }
            Self::Flush(lines) => lines.clone(),
            Self::Text(lines) => lines.iter().map(|line| format!("  {line}")).collect(),
        };
        [vec![title], body].concat()
    }
}
