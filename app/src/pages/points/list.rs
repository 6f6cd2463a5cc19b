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
                Some(text) => format!("No recovery point matches “{text}” by VM, policy or ID."),
                None => {
                    "No recovery points yet. A backup creates one; it appears here after its integrity check.".into()
                }
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            listing.table(points)
        };
        let view = view! {
            <PageHead
                title="Recovery points"
                lead="Each recovery point holds a VM’s disks, its vm.cfg and a rebuild script, stored outside the \
                    estate."
            />
            {listing.controls("Find by VM, policy or the start of an ID")}
            {content}
        };
        Ok(view.into_any())
    })
}
