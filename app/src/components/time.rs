//! Points in time: relative for reading, absolute with its zone on hover and in print.

use crate::context;
use crate::format;
use domain::time::Timestamp;
use leptos::prelude::*;

/// A point in time.
#[component]
pub fn Time(at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.iso() title=at.display()>
            {format::relative(context::now(), at)}
        </time>
    }
}
