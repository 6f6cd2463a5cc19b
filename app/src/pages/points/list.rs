//! The catalogue.

use crate::components::{Empty, PageHead, page, point_columns};
use crate::context;
use crate::listing::{Listing, Query};
use domain::list::Part;
use domain::services::PointFilter;
use leptos::prelude::*;

/// All recovery points, newest first.
#[component]
pub fn Points() -> impl IntoView {
    let query = Query::of(&context::requested(), &[]);
    page(async move {
        let (actor, backend) = context::caller()?;
        let filter = PointFilter {
            subject: None,
            text: query.text.clone(),
            before: query.cursor(),
        };
        let Part { rows: points, older } = backend.catalogue.points(&actor, &filter).await?;
        let listing = Listing::new(query.clone(), "recovery point", point_columns())
            .usually_by("taken", true)
            .going_on_at(older.map(|place| place.to_string()));
        let content = if points.is_empty() {
            let sentence = match &query.text {
                Some(text) => format!("No recovery point has “{text}” in its machine, policy or id."),
                None => "No recovery point yet. A backup makes one; it stands here once it was read back.".into(),
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            listing.table(points)
        };
        let view = view! {
            <PageHead
                title="Recovery points"
                lead="What can be gone back to. Each holds the disks, vm.cfg and a rebuild script, outside of the estate."
            />
            {listing.controls("Find by VM, policy or the start of an ID")}
            {content}
        };
        Ok(view.into_any())
    })
}
