//! Shell commands for an Oracle VM Server as values, and the only place that turns them into text.
//!
//! A plan step holds a [`Shell`]; preview, journal, script and execution all show what [`Shell::render`] makes of
//! it. Every word is quoted here once, so no caller ever puts a command together by formatting strings.

use serde::{Deserialize, Serialize};

/// Why a [`Shell`] has no text form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A shell, a pipeline or an argument vector holds nothing to run.
    #[error("a remote shell command is empty: every command needs a program to run")]
    Empty,
    /// An argument cannot be passed to any program on a Unix system.
    #[error("the argument {word:?} of a remote shell command holds a NUL byte, which no program can receive")]
    Nul {
        /// The refused word.
        word: String,
    },
}

/// Commands that run one after the other; the first that fails ends the run (`&&`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shell {
    /// Joined by `&&`.
    pub commands: Vec<Pipeline>,
}

/// Programs that feed each other (`|`). As in every POSIX shell, the exit status is that of the last stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pipeline {
    /// Joined by `|`.
    pub stages: Vec<Argv>,
    /// File that takes the output of the last stage (`>`); an existing one is overwritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout_to: Option<String>,
}

/// A program and its arguments, each exactly as the program shall receive it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Argv(pub Vec<String>);

impl Shell {
    /// One program.
    pub fn one(argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let first = Self { commands: Vec::new() };
        first.and(argv)
    }

    /// Adds a program that runs when all before it have succeeded.
    #[must_use]
    pub fn and(mut self, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.commands.push(Pipeline {
            stages: vec![Argv::new(argv)],
            stdout_to: None,
        });
        self
    }

    /// Feeds the output of the last program to a further one.
    #[must_use]
    pub fn pipe(mut self, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        match self.commands.last_mut() {
            Some(last) => last.stages.push(Argv::new(argv)),
            None => return self.and(argv),
        }
        self
    }

    /// Sends the output of the last pipeline into the file `path`.
    #[must_use]
    pub fn stdout_to(mut self, path: impl Into<String>) -> Self {
        if let Some(last) = self.commands.last_mut() {
            last.stdout_to = Some(path.into());
        }
        self
    }

    /// The command line for a POSIX shell. Every program runs with `LC_ALL=C`, so that its output can be parsed.
    pub fn render(&self) -> Result<String, ShellError> {
        join(&self.commands, " && ", Pipeline::render)
    }

    /// The same commands with every word and file name replaced by `f(word)`. Used to put learned values in the place
    /// of `${...}`, before quoting.
    pub fn try_map_values<E>(&self, mut f: impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        let commands = self.commands.iter().map(|pipeline| pipeline.try_map_values(&mut f));
        Ok(Self {
            commands: commands.collect::<Result<_, E>>()?,
        })
    }
}

impl Pipeline {
    fn render(&self) -> Result<String, ShellError> {
        let stages = join(&self.stages, " | ", Argv::render)?;
        Ok(match &self.stdout_to {
            Some(path) if path.is_empty() => return Err(ShellError::Empty),
            Some(path) => format!("{stages} > {}", quote(path)?),
            None => stages,
        })
    }

    fn try_map_values<E>(&self, f: &mut impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut stages = Vec::with_capacity(self.stages.len());
        for Argv(words) in &self.stages {
            stages.push(Argv(words.iter().map(|word| f(word)).collect::<Result<_, E>>()?));
        }
        let stdout_to = self.stdout_to.as_deref().map(f).transpose()?;
        Ok(Self { stages, stdout_to })
    }
}

impl Argv {
    /// Collects the words of one program call.
    pub fn new(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    fn render(&self) -> Result<String, ShellError> {
        match self.0.first() {
            None => Err(ShellError::Empty),
            Some(program) if program.is_empty() => Err(ShellError::Empty),
            Some(_) => Ok(format!("LC_ALL=C {}", join(&self.0, " ", |word| quote(word))?)),
        }
    }
}

/// Renders the parts and joins them; nothing to join is an error, because the shell would run something else instead.
fn join<T>(
    parts: &[T],
    separator: &str,
    render: impl Fn(&T) -> Result<String, ShellError>,
) -> Result<String, ShellError> {
    if parts.is_empty() {
        return Err(ShellError::Empty);
    }
    let rendered = parts.iter().map(render).collect::<Result<Vec<_>, _>>()?;
    Ok(rendered.join(separator))
}

/// One word for a POSIX shell. Plain words stay bare, for the reader's sake. `=` is quoted because a bare `a=b` in the
/// place of the program would be an assignment.
fn quote(word: &str) -> Result<String, ShellError> {
    if word.contains('\0') {
        return Err(ShellError::Nul { word: word.to_owned() });
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+:,./-".contains(&byte);
    let option = |word: &str| word.starts_with('-') && word.bytes().all(|byte| plain(byte) || byte == b'=');
    Ok(if !word.is_empty() && (word.bytes().all(plain) || option(word)) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    fn run(line: &str) -> Vec<u8> {
        let output = Command::new("/bin/sh").arg("-c").arg(line).output().unwrap();
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// Words with a weight on what shells treat specially.
    fn words() -> impl Strategy<Value = Vec<String>> {
        let special = r#"[ '"\\$`;&|<>(){}\[\]*?~#!=%\n\t\rA-Za-z0-9ä€-]{0,12}"#;
        let any = "[^\u{0}]{0,12}";
        prop::collection::vec(prop_oneof![special, any], 0..6)
    }

    proptest! {
        #[test]
        fn the_program_receives_exactly_the_words(words in words()) {
            let mut argv = vec!["printf".to_owned(), r"%s\0".to_owned(), "first".to_owned()];
            argv.extend(words.clone());
            let received = run(&Shell::one(argv).render().unwrap());
            let expected: Vec<u8> = std::iter::once("first".to_owned())
                .chain(words)
                .flat_map(|word| [word.into_bytes(), vec![0]].concat())
                .collect();
            prop_assert_eq!(received, expected);
        }

        #[test]
        fn any_word_can_be_a_file_name(name in "[^\u{0}/.][^\u{0}/]{0,20}") {
            let folder = tempfile::tempdir().unwrap();
            let path = format!("{}/{name}", folder.path().display());
            let shell = Shell::one(["echo", "2"]).stdout_to(&path).and(["cat", "--", &path]);
            prop_assert_eq!(run(&shell.render().unwrap()), b"2\n");
        }
    }

    #[test]
    fn pipes_and_sequences_run_in_order_with_a_fixed_locale() {
        let shell = Shell::one(["printf", r"b\na\n"])
            .pipe(["sort"])
            .and(["sh", "-c", "echo $LC_ALL"]);
        let line = shell.render().unwrap();
        assert_eq!(
            line,
            r"LC_ALL=C printf 'b\na\n' | LC_ALL=C sort && LC_ALL=C sh -c 'echo $LC_ALL'"
        );
        assert_eq!(run(&line), b"a\nb\nC\n");
    }

    #[test]
    fn a_failure_ends_the_sequence() {
        let line = Shell::one(["false"]).and(["echo", "reached"]).render().unwrap();
        let output = Command::new("/bin/sh").arg("-c").arg(line).output().unwrap();
        assert!(!output.status.success());
        assert_eq!(output.stdout, b"");
    }

    #[test]
    fn a_program_name_is_never_an_assignment() {
        let line = Shell::one(["X=1"]).render().unwrap();
        let status = Command::new("/bin/sh").arg("-c").arg(line).output().unwrap().status;
        assert_eq!(status.code(), Some(127), "not found, instead of a silent assignment");
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let nul = Shell::one(["echo", "a\0b"]).render();
        assert_eq!(nul, Err(ShellError::Nul { word: "a\0b".into() }));
        assert_eq!(Shell::one([""]).render(), Err(ShellError::Empty));
        assert_eq!(Shell::one(Vec::<String>::new()).render(), Err(ShellError::Empty));
        assert_eq!(Shell { commands: Vec::new() }.render(), Err(ShellError::Empty));
        assert_eq!(Shell::one(["true"]).stdout_to("").render(), Err(ShellError::Empty));
    }

    #[test]
    fn placeholders_are_replaced_before_quoting() {
        let shell = Shell::one(["cat", "${path}"])
            .pipe(["tee", "${path}"])
            .stdout_to("${path}");
        let filled = shell
            .try_map_values(|word| Ok::<_, ()>(word.replace("${path}", "it's")))
            .unwrap();
        let line = filled.render().unwrap();
        assert_eq!(line, r"LC_ALL=C cat 'it'\''s' | LC_ALL=C tee 'it'\''s' > 'it'\''s'");
    }

    #[test]
    fn a_shell_survives_serialisation() {
        let shell = Shell::one(["a"]).pipe(["b", "c d"]).stdout_to("e").and(["f"]);
        let text = serde_json::to_string(&shell).unwrap();
        assert_eq!(serde_json::from_str::<Shell>(&text).unwrap(), shell);
    }
}
