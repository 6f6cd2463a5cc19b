//! The catalogue.

use crate::components::{Empty, PageHead, PointTable, Search, page};
use crate::context;
use crate::format;
use domain::services::PointFilter;
use leptos::prelude::*;

/// All recovery points, newest first.
#[component]
pub fn Points() -> impl IntoView {
    let query = context::query("q");
    page(async move {
        let (actor, backend) = context::caller()?;
        let filter = PointFilter {
            vm: None,
            text: query.clone(),
        };
        let points = backend.catalogue.points(&actor, &filter).await?;
        let content = if points.is_empty() {
            let sentence = match &query {
                Some(query) => format!("No recovery point has “{query}” in its machine, policy or id."),
                None => "No recovery point yet. A backup makes one; it stands here once it was read back.".into(),
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            let caption = format::count(points.len(), "recovery point");
            view! { <PointTable caption points/> }.into_any()
        };
        let view = view! {
            <PageHead
                title="Recovery points"
                lead="What can be gone back to. Each holds the disks, vm.cfg and a rebuild script, outside of the estate."
            />
            <Search label="Find by machine, policy or id" query/>
            {content}
        };
        Ok(view.into_any())
    })
}
