//! A form whose button works only once the name of what is concerned was typed.

use crate::components::{PostForm, TextField};
use crate::form::Filled;
use domain::ids::RunId;
use leptos::prelude::*;

/// A button that works only when the machine's name was typed.
#[component]
pub fn ConfirmForm(
    /// Address of the server function.
    to: &'static str,
    /// The run.
    run: RunId,
    /// Name and value that the button sends.
    choice: (&'static str, &'static str),
    /// What the form shows.
    filled: Filled,
    /// Name of the machine.
    name: String,
    /// What pressing the button means.
    meaning: &'static str,
    /// Words on the button.
    button: String,
    /// Something is lost for good.
    destructive: bool,
) -> impl IntoView {
    let (class, look) = if destructive {
        ("danger", "button destructive")
    } else {
        ("", "button")
    };
    let label = format!("Type {name} to confirm");
    view! {
        <PostForm to class hidden=vec![("run", run.to_string())]>
            <p>{meaning}</p>
            <TextField filled name="confirm" label exactly=name/>
            <button type="submit" name=choice.0 value=choice.1 class=look>{button}</button>
        </PostForm>
    }
}
