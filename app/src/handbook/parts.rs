//! What the chapters are built of.

use leptos::prelude::*;

/// A chapter of the document.
pub(super) fn section(anchor: &str, title: &str, content: impl IntoView + 'static) -> AnyView {
    view! {
        <section id=anchor.to_owned()>
            <h2>{title.to_owned()}</h2>
            {content}
        </section>
    }
    .into_any()
}

/// Names and values.
pub(super) fn facts(rows: Vec<(&'static str, String)>) -> AnyView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .collect();
    view! { <dl>{rows}</dl> }.into_any()
}

/// A table of texts; without rows it says so.
pub(super) fn table(caption: &str, heads: &[&'static str], rows: Vec<Vec<String>>) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="none">{format!("{caption}: none.")}</p> }.into_any();
    }
    let heads: Vec<_> = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> })
        .collect();
    let row = |cells: Vec<String>| {
        let cells: Vec<_> = cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    view! {
        <table>
            <caption>{caption.to_owned()}</caption>
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Lines to copy.
pub(super) fn code(text: String) -> AnyView {
    view! { <pre><code>{text}</code></pre> }.into_any()
}
