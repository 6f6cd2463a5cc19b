//! The command line of an Oracle VM Manager (OVMCLI) over SSH: exec requests, one command each, no terminal.
//!
//! The exit status means nothing here and is never looked at; the answer itself says what happened, or it is unknown.

mod redact;

use crate::{Gate, Login, Negotiated, Profile, Session, SshError, Target};
use ovm::ovmcli::answer::parse_answers;
use ovm::ovmcli::{Answer, Command, OvmError, RenderError, Status, render, split_commands};
use redact::Redaction;
use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

/// The largest answer that is held: a `list` of many thousand objects stays far below.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// What the Manager prints when it is ready for a command.
const PROMPT: &str = "OVM>";

/// Silence at a prompt after which whole answers are all that comes.
const BEHIND_ANSWERS: Duration = Duration::from_millis(300);
/// The same where it cannot be told whether the answers are whole, as of a version or a `vm.cfg` without a frame.
const BEHIND_OTHER_WORDS: Duration = Duration::from_secs(2);
/// Longer than any connection lasts.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// What stands between the commands of one request.
const SEPARATOR: char = ';';

/// The command that ends a request for a Manager that leaves it open.
const EXIT: &str = "exit";

/// Why there is no answer to a command, or not the wanted one. Secrets are blacked out in all texts.
#[derive(Debug, thiserror::Error)]
pub enum OvmcliError {
    /// The command has no text form; it was not sent.
    #[error(transparent)]
    NotRendered(#[from] RenderError),
    /// The connection failed; see [`SshError::was_sent`].
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The connection broke after the command was sent.
    #[error("{source}; the command was `{command}`")]
    CutOff {
        /// Command line.
        command: String,
        /// What had arrived.
        raw: String,
        /// The loss.
        source: SshError,
    },
    /// The Manager said that the command failed.
    #[error("the Manager refused `{command}`: {}", .error.message)]
    Failed {
        /// Command line.
        command: String,
        /// Its reason.
        error: OvmError,
        /// The answer as it came.
        raw: String,
    },
    /// An answer that says neither success nor failure, or that is incomplete.
    #[error("the Manager's answer to `{command}` does not say whether it worked; look at the object before going on")]
    Unknown {
        /// Command line.
        command: String,
        /// The answer as it came.
        raw: String,
    },
}

impl OvmcliError {
    /// Whether sending the command again later is safe and may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Ssh(error) if error.is_retryable())
    }

    /// Whether the command may have taken effect although there is no good answer.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::NotRendered(_) => false,
            Self::Ssh(error) => error.was_sent(),
            // Of several jobs that make up one command, a later one may have failed.
            Self::CutOff { .. } | Self::Failed { .. } | Self::Unknown { .. } => true,
        }
    }

    /// The answer as far as it came, for the journal.
    pub fn raw(&self) -> Option<&str> {
        match self {
            Self::CutOff { raw, .. } | Self::Failed { raw, .. } | Self::Unknown { raw, .. } => Some(raw),
            Self::NotRendered(_) | Self::Ssh(_) => None,
        }
    }
}

/// How often and how long to wait for an object that another command holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockPatience {
    /// Attempts after the first.
    pub retries: u32,
    /// Pause before the first of them; doubles each time.
    pub first_pause: Duration,
}

impl Default for LockPatience {
    /// Five more attempts within half a minute.
    fn default() -> Self {
        Self {
            retries: 5,
            first_pause: Duration::from_secs(1),
        }
    }
}

/// A session with one Manager. Connects again by itself when the Manager has closed an idle connection.
pub struct ManagerSession {
    target: Target,
    gate: Option<Gate>,
    patience: LockPatience,
    session: Mutex<Arc<Session>>,
    /// The Manager has left a request open at its prompt: from then on it is told where they end.
    stays_open: AtomicBool,
}

impl ManagerSession {
    /// Connects and logs in.
    pub async fn connect(target: Target) -> Result<Self, SshError> {
        Self::open(target, None).await
    }

    /// [`Self::connect`] behind a gate, which is asked at the last moment before each command is sent.
    pub async fn connect_behind(target: Target, gate: Gate) -> Result<Self, SshError> {
        Self::open(target, Some(gate)).await
    }

    async fn open(target: Target, gate: Option<Gate>) -> Result<Self, SshError> {
        let session = connected(&target, gate.as_ref()).await?;
        Ok(Self {
            target,
            gate,
            patience: LockPatience::default(),
            session: Mutex::new(Arc::new(session)),
            stays_open: AtomicBool::new(false),
        })
    }

    /// Changes how long locked objects are waited for.
    #[must_use]
    pub fn with_patience(mut self, patience: LockPatience) -> Self {
        self.patience = patience;
        self
    }

    /// Runs a command and gives the answer, whatever it says. While the answer is that the object is locked, the
    /// command is sent again, within the limits of [`LockPatience`].
    ///
    /// In the answer, the values of secret attributes are blacked out. There is no time limit: in its synchronous mode
    /// the Manager answers when the job is over.
    pub async fn run(&self, command: &Command) -> Result<Answer, OvmcliError> {
        let mut pause = self.patience.first_pause;
        for _ in 0..self.patience.retries {
            let answer = self.run_once(command).await?;
            if !answer.is_locked() {
                return Ok(answer);
            }
            tracing::info!(manager = %self.target.address(), seconds = pause.as_secs(), "object is locked, waiting");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.run_once(command).await
    }

    /// Runs a command that must succeed.
    pub async fn run_to_success(&self, command: &Command) -> Result<Answer, OvmcliError> {
        let answer = self.run(command).await?;
        let line = || Redaction::of(command).apply(&render(command).unwrap_or_default());
        match (answer.status, answer.error) {
            (Status::Success, error) => Ok(Answer { error, ..answer }),
            (Status::Failure, Some(error)) => Err(OvmcliError::Failed {
                command: line(),
                error,
                raw: answer.raw,
            }),
            _ => Err(OvmcliError::Unknown {
                command: line(),
                raw: answer.raw,
            }),
        }
    }

    /// Asks several questions in one request, which spares most of the way there and back. The answers stand in the
    /// order of the questions. None stands where there is no answer, or one that does not clearly say that it belongs to
    /// the question and is a success: such a question wants to be asked alone, by [`Self::run`].
    ///
    /// Only for commands that change nothing, since it is not known what became of those without an answer.
    pub async fn run_together(&self, questions: &[Command]) -> Result<Vec<Option<Answer>>, OvmcliError> {
        let lines: Vec<String> = questions.iter().map(render).collect::<Result<_, _>>()?;
        // A separator within quotes may end the command all the same.
        if lines.iter().any(|line| line.contains(SEPARATOR)) {
            return Ok(vec![None; lines.len()]);
        }
        let request = lines.join(&SEPARATOR.to_string());
        let raw = self.exchange(&request, &Redaction::default()).await?;
        let answers = parse_answers(raw.as_bytes());
        if answers.len() != lines.len() {
            return Ok(vec![None; lines.len()]);
        }
        let fits = |(line, answer): (String, Answer)| {
            let belongs = answer.command.as_ref().is_none_or(|echo| *echo == line);
            (belongs && answer.status == Status::Success).then_some(answer)
        };
        Ok(lines.into_iter().zip(answers).map(fits).collect())
    }

    /// Which credential opened the present connection.
    pub async fn login(&self) -> Login {
        self.session.lock().await.login()
    }

    /// The algorithms of the present connection.
    pub async fn negotiated(&self) -> Negotiated {
        self.session.lock().await.negotiated()
    }

    async fn run_once(&self, command: &Command) -> Result<Answer, OvmcliError> {
        let raw = self.exchange(&render(command)?, &Redaction::of(command)).await?;
        Ok(only_answer(&raw))
    }

    /// Sends a request and reads what comes back.
    async fn exchange(&self, line: &str, redaction: &Redaction) -> Result<String, OvmcliError> {
        let session = self.open_session().await?;
        match self.exchange_on(&session, line, redaction).await {
            // An idle connection can end unnoticed until the next command. Nothing was sent: once more, on a new one.
            Err(OvmcliError::Ssh(SshError::ConnectionLost { sent: false, .. })) => {
                let session = self.replace(&session).await?;
                self.exchange_on(&session, line, redaction).await
            }
            result => result,
        }
    }

    async fn exchange_on(&self, session: &Session, line: &str, redaction: &Redaction) -> Result<String, OvmcliError> {
        let request = match self.stays_open.load(Ordering::Relaxed) {
            true => format!("{line}{SEPARATOR}{EXIT}"),
            false => line.to_owned(),
        };
        let (raw, ending) = exchange(session, &request, line, redaction).await?;
        if ending == Ending::Silence {
            self.stays_open.store(true, Ordering::Relaxed);
        }
        Ok(raw)
    }

    async fn open_session(&self) -> Result<Arc<Session>, SshError> {
        let session = Arc::clone(&*self.session.lock().await);
        match session.is_closed() {
            true => self.replace(&session).await,
            false => Ok(session),
        }
    }

    /// A new connection in the place of `old`, unless another task has made one already.
    async fn replace(&self, old: &Arc<Session>) -> Result<Arc<Session>, SshError> {
        let mut current = self.session.lock().await;
        if Arc::ptr_eq(&current, old) {
            *current = Arc::new(connected(&self.target, self.gate.as_ref()).await?);
        }
        Ok(Arc::clone(&current))
    }
}

async fn connected(target: &Target, gate: Option<&Gate>) -> Result<Session, SshError> {
    let session = Session::connect(target, Profile::Control).await?;
    Ok(match gate {
        Some(gate) => session.behind(Arc::clone(gate)),
        None => session,
    })
}

/// How the output of a request came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The Manager closed it.
    Closed,
    /// It stayed open at the prompt.
    Silence,
}

/// Sends a request, which is the line and perhaps an end, and reads what comes back.
async fn exchange(
    session: &Session,
    request: &str,
    line: &str,
    redaction: &Redaction,
) -> Result<(String, Ending), OvmcliError> {
    // The input is left open: most Managers end the request by themselves, and an early end could be taken for a hang-up.
    let mut stream = session.exec_stream(request).await?;
    let mut output = Vec::new();
    let result = loop {
        let silence = patience_with(&output, line);
        // Dropping the stream hangs up, which ends a request that stays open.
        let Ok(chunk) = timeout(silence, stream.read_chunk()).await else {
            break Ok(Ending::Silence);
        };
        match chunk {
            Ok(Some(chunk)) => output.extend_from_slice(&chunk),
            Ok(None) => break Ok(Ending::Closed),
            // Whoever waits at the prompt is idle to the Manager, which may hang up before the silence is long enough.
            Err(SshError::ConnectionLost { .. }) if silence < FOR_EVER => break Ok(Ending::Silence),
            Err(error) => break Err(error),
        }
        if output.len() > ANSWER_LIMIT {
            let host = session.host().to_owned();
            return Err(SshError::OutputTooLarge {
                host,
                limit: ANSWER_LIMIT,
            }
            .into());
        }
    };
    let raw = redaction.apply(&decoded(&output));
    match result {
        Ok(ending) => Ok((raw, ending)),
        Err(source @ SshError::ConnectionLost { .. }) => Err(OvmcliError::CutOff {
            command: redaction.apply(line),
            raw,
            source,
        }),
        Err(error) => Err(error.into()),
    }
}

/// How long nothing may come before the output counts as whole. A Manager may leave the request open at its prompt, as it
/// leaves the session of a person. Without a prompt as the last word an answer is still under way, however long.
fn patience_with(output: &[u8], line: &str) -> Duration {
    let Some(before) = before_bare_prompt(output) else {
        return FOR_EVER;
    };
    let answers = parse_answers(output);
    let says = |answer: &Answer| answer.status != Status::Unknown;
    if answers.len() >= split_commands(line).len() && answers.iter().all(says) {
        return BEHIND_ANSWERS;
    }
    // The prompt may also come before the answer: something else must have come.
    let said = |it: &&str| !it.trim().is_empty() && !it.starts_with(PROMPT);
    match String::from_utf8_lossy(before).split(['\n', '\r']).find(said) {
        Some(_) => BEHIND_OTHER_WORDS,
        None => FOR_EVER,
    }
}

/// What came before a prompt that is the last line and has no command behind it.
fn before_bare_prompt(output: &[u8]) -> Option<&[u8]> {
    let before = output.trim_ascii_end().strip_suffix(PROMPT.as_bytes())?;
    matches!(before.last(), Some(b'\n' | b'\r')).then_some(before)
}

/// The output as text. In which encoding a Manager prints is not known: what is not UTF-8 is read as ISO 8859-1, unless
/// it only ends in the middle of a character, as a cut-off answer may.
fn decoded(output: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(output) {
        Err(error) if error.error_len().is_some() => output.iter().copied().map(char::from).collect(),
        _ => String::from_utf8_lossy(output),
    }
}

/// The answer in the output of one command. Output without any is kept as an answer of unknown status.
fn only_answer(raw: &str) -> Answer {
    parse_answers(raw.as_bytes())
        .into_iter()
        .next()
        .unwrap_or_else(|| Answer {
            raw: raw.to_owned(),
            ..Answer::default()
        })
}

#[cfg(test)]
mod tests {
    use super::{BEHIND_ANSWERS, BEHIND_OTHER_WORDS, FOR_EVER, decoded, patience_with};

    #[test]
    fn only_a_bare_prompt_behind_an_answer_ends_it() {
        let answer =
            "OVM> list Vm\n\rCommand: list Vm\n\rStatus: Success\n\rTime: 2024-05-02 10:11:12,345 UTC\n\rData:\n\r";
        for (output, silence) in [
            (String::new(), FOR_EVER),
            ("OVM> ".into(), FOR_EVER),
            ("\n\rOVM> ".into(), FOR_EVER),
            ("OVM> list Vm\n\r".into(), FOR_EVER),
            ("OVM> list Vm\n\rOVM> ".into(), FOR_EVER),
            (answer.into(), FOR_EVER),
            (format!("{answer}  id:1  name:OVM> "), FOR_EVER),
            (format!("{answer}OVM> "), BEHIND_ANSWERS),
            (format!("{answer}OVM>"), BEHIND_ANSWERS),
            ("OVM> showversion\n\r3.4.6\n\rOVM> ".into(), BEHIND_OTHER_WORDS),
        ] {
            assert_eq!(patience_with(output.as_bytes(), "list Vm"), silence, "{output:?}");
        }
        let one_of_two = format!("{answer}OVM> ");
        assert_eq!(
            patience_with(one_of_two.as_bytes(), "list Vm;list Tag"),
            BEHIND_OTHER_WORDS
        );
    }

    #[test]
    fn an_answer_that_is_not_utf_8_is_read_as_iso_8859_1() {
        assert_eq!(decoded("name:Büro €".as_bytes()), "name:Büro €");
        assert_eq!(decoded(b"name:B\xfcro, Stra\xdfe"), "name:Büro, Straße");
        assert_eq!(decoded(b"name:B\xc3\xbcro B\xc3"), "name:Büro B\u{fffd}");
    }
}
