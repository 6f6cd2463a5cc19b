//! Forms that work without scripts. A form posts to a server function; [`finish`] runs its work and answers with a
//! redirect: to the result with a notice, or back to the form with the error and what was entered.
//!
//! The error travels in the session and never in the address, so nobody can put words into a page by sending a link.

mod flash;
mod notice;

pub use flash::{Filled, Flash};
pub use notice::Notice;

use crate::context;
use crate::link;
use domain::error::{FormFlaw, ServiceError};
use domain::services::Answer;
use domain::time::Timestamp;
use leptos::prelude::ServerFnError;
use std::collections::BTreeMap;
use std::future::Future;

/// A form as it was sent: where it stands and what was entered.
pub struct Sent {
    name: &'static str,
    page: String,
    entered: BTreeMap<String, String>,
}

impl Sent {
    /// A form of this name on this page.
    pub fn new(name: &'static str, page: impl Into<String>) -> Self {
        Self {
            name,
            page: page.into(),
            entered: BTreeMap::new(),
        }
    }

    /// With an entered value, which the form shows again after an error. Never call it with a password.
    #[must_use]
    pub fn with(mut self, field: &str, value: &str) -> Self {
        self.entered.insert(field.to_owned(), value.to_owned());
        self
    }
}

/// What a form has achieved: the page to show next, and what to say there.
pub struct Done {
    page: String,
    notice: Option<Notice>,
    shown: Option<BTreeMap<String, String>>,
}

impl Done {
    /// The page to show next.
    pub fn to(page: impl Into<String>) -> Self {
        Self {
            page: page.into(),
            notice: None,
            shown: None,
        }
    }

    /// With a sentence on top of it.
    #[must_use]
    pub fn saying(mut self, notice: Notice) -> Self {
        self.notice = Some(notice);
        self
    }

    /// With values that the form of the same name on that page shows.
    #[must_use]
    pub fn showing<const N: usize>(mut self, values: [(&str, String); N]) -> Self {
        self.shown = Some(values.map(|(field, value)| (field.to_owned(), value)).into());
        self
    }
}

/// Does the work of a form and answers the browser.
///
/// # Errors
/// None that a page would have to show: they are all turned into redirects. The type is what `#[server]` asks for.
pub async fn finish(sent: Sent, work: impl Future<Output = Answer<Done>>) -> Result<(), ServerFnError> {
    let to = match work.await {
        Ok(done) => {
            let page = match done.notice {
                Some(notice) => link::with_query(&done.page, "notice", notice.key()),
                None => done.page,
            };
            match done.shown {
                Some(values) => Flash::new(sent.name, None, values).keep(&page).await,
                None => page,
            }
        }
        Err(ServiceError::NotLoggedIn) => link::with_query("/login", "next", &sent.page),
        Err(error) => {
            context::note_code(&error);
            Flash::new(sent.name, Some(error), sent.entered).keep(&sent.page).await
        }
    };
    leptos_axum::redirect(&to);
    Ok(())
}

/// Reads a number from a field.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is none, or too large for its type.
pub fn number<T: std::str::FromStr>(field: &str, text: &str) -> Answer<T> {
    text.trim()
        .parse()
        .map_err(|_| ServiceError::invalid(field, FormFlaw::NotANumber))
}

/// Reads a time from a field for date and time, which has no zone: it is taken to be UTC. None for an empty field.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is no time.
pub fn time(field: &str, text: &str) -> Answer<Option<Timestamp>> {
    let Some(text) = chosen(text) else {
        return Ok(None);
    };
    let read = Timestamp::from_date_and_time(text);
    let read = read.ok_or_else(|| ServiceError::invalid(field, FormFlaw::NotATime));
    read.map(Some)
}

/// Makes sure that the name of the thing was typed which the action destroys or replaces.
///
/// # Errors
/// [`ServiceError::Invalid`] when something else was typed.
pub fn confirmed(typed: &str, name: &str) -> Answer<()> {
    if typed.trim() == name.trim() {
        Ok(())
    } else {
        let name = name.to_owned();
        Err(ServiceError::invalid("confirm", FormFlaw::NotConfirmed { name }))
    }
}

/// None for an empty choice.
pub fn chosen(value: &str) -> Option<&str> {
    let value = value.trim();
    (!value.is_empty()).then_some(value)
}
