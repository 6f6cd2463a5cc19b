//! Small tables of a fixed shape; those that grow with the estate are listings. On a narrow screen each row becomes a
//! card: cells carry the name of their column in `data-label`.

use leptos::prelude::*;

/// A table with its caption and the names of its columns.
#[component]
pub fn Table(
    /// What the rows are.
    #[prop(into)]
    caption: String,
    /// Names of the columns; one that ends in `#` holds numbers.
    columns: Vec<&'static str>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = columns
        .into_iter()
        .map(|column| match column.strip_suffix('#') {
            Some(numeric) => view! { <th scope="col" class="number">{numeric}</th> },
            None => view! { <th scope="col" class="">{column}</th> },
        })
        .collect();
    view! {
        <div class="table">
            <table>
                <caption>{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
