//! Runs the safe form of a rebuild script: look, make when missing, learn the id. Running it again makes nothing twice.

use super::known::Known;
use crate::estate::{Reach, ReachError};
use domain::plan::{Bindings, UnboundPlaceholder};
use ovm::ovmcli::Command;
use ovm::script::{Look, SafeScript, SafeStep, Trait};

/// What became of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ran {
    /// Steps that sent their command, except those that are always sent.
    pub made: u64,
    /// Commands that the Manager refused, as sentences.
    pub failures: Vec<String>,
}

/// Runs every step. What a refused command or a missing object leaves out is left out by the steps that need it.
///
/// # Errors
/// [`ReachError`] when the Manager is lost.
pub(super) async fn run(reach: &Reach, script: &SafeScript, secret: &str) -> Result<Ran, ReachError> {
    let mut runner = Runner {
        known: Known::new(reach),
        reach,
        bindings: Bindings::default(),
        secret,
        ran: Ran::default(),
    };
    for step in &script.steps {
        match runner.step(step).await {
            Ok(()) | Err(Stopped::Unbound) => {}
            Err(Stopped::Reach(error)) if error.is_refusal() => {
                runner.ran.failures.push(format!("{}: {error}", step.purpose));
            }
            Err(Stopped::Reach(error)) => return Err(*error),
        }
    }
    Ok(runner.ran)
}

struct Runner<'a> {
    reach: &'a Reach,
    known: Known<'a>,
    bindings: Bindings,
    secret: &'a str,
    ran: Ran,
}

/// Why a step was not done.
enum Stopped {
    /// It needs something that is not there; the step that should have made it has said why.
    Unbound,
    Reach(Box<ReachError>),
}

impl From<ReachError> for Stopped {
    fn from(error: ReachError) -> Self {
        Self::Reach(Box::new(error))
    }
}

impl Runner<'_> {
    async fn step(&mut self, step: &SafeStep) -> Result<(), Stopped> {
        if let Some(found) = self.look(&step.look).await? {
            self.bind(step, found);
            return Ok(());
        }
        let Some(command) = &step.command else { return Ok(()) };
        let command = command.try_map_values(|value| self.resolve(value))?;
        let made = self.send(&command).await?;
        if step.look != Look::Never {
            self.ran.made += 1;
        }
        self.bind(step, made);
        Ok(())
    }

    /// The id of what is there already; an empty one when the object only says what it should.
    async fn look(&mut self, look: &Look) -> Result<Option<String>, Stopped> {
        match look {
            Look::Never => Ok(None),
            Look::Object {
                object_type,
                names,
                traits,
            } => {
                let traits = traits.iter().map(|one| self.resolve_trait(one));
                let traits: Vec<_> = traits.collect::<Result<_, _>>()?;
                Ok(self.known.find(object_type, names, &traits).await?)
            }
            Look::Part {
                owner_type,
                owner,
                object_type,
                part,
            } => {
                let (owner, part) = (self.resolve(owner)?, self.resolve_trait(part)?);
                Ok(self.known.part(owner_type, &owner, object_type, &part).await?)
            }
            Look::Says { object_type, id, says } => {
                let (id, says) = (self.resolve(id)?, self.resolve_trait(says)?);
                let is_told = says.is_told_by(self.known.shown(object_type, &id).await?);
                Ok(is_told.then(String::new))
            }
        }
    }

    /// Sends the command; the id of what it made, when it made something.
    async fn send(&mut self, command: &Command) -> Result<String, Stopped> {
        let answer = self.reach.tell(command).await;
        self.known.forget(command);
        let made = answer?.items.into_iter().next();
        let made = made.map(|item| item.id).unwrap_or_default();
        if command.is("create") && !made.is_empty() {
            self.known.learn(command, &made);
        }
        Ok(made)
    }

    fn bind(&mut self, step: &SafeStep, id: String) {
        if let Some(name) = step.bind.as_ref().filter(|_| !id.is_empty()) {
            self.bindings.0.insert(name.clone(), id);
        }
    }

    fn resolve_trait(&self, one: &Trait) -> Result<Trait, Stopped> {
        Ok(Trait {
            value: self.resolve(&one.value)?,
            ..one.clone()
        })
    }

    fn resolve(&self, text: &str) -> Result<String, Stopped> {
        if text.starts_with("${PASSWORD_OF_") {
            return Ok(self.secret.to_owned());
        }
        let unbound = |_: UnboundPlaceholder| Stopped::Unbound;
        self.bindings.resolve(text).map_err(unbound)
    }
}
