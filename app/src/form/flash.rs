//! What a form leaves behind for the page that is shown next: the error and what was entered.

use crate::context;
use crate::link;
use crate::say::say;
use domain::error::{FormConflict, Invalid, ServiceError};
use http::request::Parts;
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tower_sessions::Session;

/// Key in the session.
const KEY: &str = "flash";

/// How many are kept in a session: enough for a few open tabs.
const KEPT: usize = 5;

/// The outcome of a form, kept in the session under a number that the address carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    form: String,
    error: Option<ServiceError>,
    values: BTreeMap<String, String>,
}

impl Flash {
    /// Of the form with this name.
    pub fn new(form: &str, error: Option<ServiceError>, values: BTreeMap<String, String>) -> Self {
        Self {
            form: form.to_owned(),
            error,
            values,
        }
    }

    /// Keeps it in the session and returns the address of the page that shows it. Without a session the page says that
    /// it is not known what happened, instead of nothing.
    pub async fn keep(self, page: &str) -> String {
        let number = self.store().await.unwrap_or_default();
        link::with_query(page, "flash", &number.to_string())
    }

    async fn store(self) -> Option<u32> {
        let session = session()?;
        // Those of another release may not be readable; they are let go.
        let mut kept: BTreeMap<u32, Self> = session.get(KEY).await.ok().flatten().unwrap_or_default();
        let number = kept.last_key_value().map_or(1, |(last, _)| last.wrapping_add(1));
        kept.insert(number, self);
        while kept.len() > KEPT {
            kept.pop_first();
        }
        session.insert(KEY, kept).await.ok()?;
        Some(number)
    }

    /// The one that this request asks for. It stays in the session, so that reloading the page shows it again.
    pub async fn read() -> Self {
        let Some(number) = context::query("flash") else {
            return Self::new("", None, BTreeMap::new());
        };
        Self::stored(&number).await.unwrap_or_else(Self::lost)
    }

    async fn stored(number: &str) -> Option<Self> {
        let number: u32 = number.parse().ok()?;
        let kept: BTreeMap<u32, Self> = session()?.get(KEY).await.ok()??;
        kept.get(&number).cloned()
    }

    fn lost() -> Self {
        let error = ServiceError::conflict(FormConflict::InputLost);
        Self::new("", Some(error), BTreeMap::new())
    }

    /// The error, for the top of the page.
    pub fn error(&self) -> Option<&ServiceError> {
        self.error.as_ref()
    }

    /// What the form of this name shows: what was entered, and the field that could not be accepted.
    pub fn filled(&self, form: &'static str) -> Filled {
        if self.form != form {
            return Filled {
                form,
                ..Filled::default()
            };
        }
        let invalid = match &self.error {
            Some(ServiceError::Invalid { field, why }) => Some((field.clone(), why.clone())),
            _ => None,
        };
        Filled {
            form,
            values: self.values.clone(),
            invalid,
        }
    }
}

fn session() -> Option<Session> {
    use_context::<Parts>()?.extensions.get::<Session>().cloned()
}

/// What a form shows in its fields.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    form: &'static str,
    values: BTreeMap<String, String>,
    invalid: Option<(String, Invalid)>,
}

impl Filled {
    /// Of a form that asks by its address: what the address says, and the field that could not be accepted.
    pub fn asked(
        form: &'static str,
        values: impl IntoIterator<Item = (&'static str, String)>,
        invalid: Option<(String, Invalid)>,
    ) -> Self {
        Self {
            form,
            values: values
                .into_iter()
                .map(|(field, value)| (field.to_owned(), value))
                .collect(),
            invalid,
        }
    }

    /// What was entered, if the form was sent before.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(String::as_str)
    }

    /// What was entered, or what the field starts with.
    pub fn or(&self, field: &str, initial: &str) -> String {
        self.value(field).unwrap_or(initial).to_owned()
    }

    /// Whether the box was ticked when it was sent, or is at the start. A form of two steps is filled before its second
    /// step was ever sent.
    pub fn ticked(&self, field: &str, initial: bool) -> bool {
        self.value(field).map_or(initial, |sent| sent == "on")
    }

    /// With what is wrong with this field whoever sends the form. For this field alone: what else is wrong is not told.
    #[must_use]
    pub fn objecting(mut self, field: &str, why: Invalid) -> Self {
        if self.problem(field).is_none() {
            self.invalid = Some((field.to_owned(), why));
        }
        self
    }

    /// Why the field could not be accepted.
    pub fn problem(&self, field: &str) -> Option<String> {
        let (at, why) = self.invalid.as_ref()?;
        (at == field).then(|| say(why))
    }

    /// An id for a field that no other form of the page uses.
    pub fn id(&self, field: &str) -> String {
        format!("{}-{field}", self.form)
    }
}
