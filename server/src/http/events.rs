//! `GET /events`: the news of all runs and requests that the actor may see, as server-sent events.

use super::session::Holder;
use super::{Web, errors};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::news::News;
use futures::{Stream, StreamExt};
use std::time::Duration;

/// A sign of life for proxies and browsers.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a stream finds out whether its reader may still read.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// Proxies must not collect the events before they pass them on.
const NO_BUFFER: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// The stream. It ends when the program stops, and when the rights of its reader have changed; the browser then comes
/// back by itself and is asked anew who it is.
pub async fn stream(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Extension(holder): Extension<Holder>,
    headers: HeaderMap,
) -> Response {
    match web.backend.runs.events(&actor).await {
        Ok(news) => {
            let stop = web.stop.clone();
            let news = news
                .take_until(stop.cancelled_owned())
                .take_until(changed(web, holder, actor));
            (
                [NO_BUFFER],
                Sse::new(events(news)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)),
            )
                .into_response()
        }
        Err(error) => errors::service(&error, &headers),
    }
}

fn events(news: impl Stream<Item = News>) -> impl Stream<Item = Result<Event, axum::Error>> {
    news.map(|event| Event::default().json_data(event))
}

/// Waits until the account is closed or its roles are others.
async fn changed(web: Web, holder: Holder, actor: Actor) {
    loop {
        tokio::time::sleep(CHECK_EVERY).await;
        match web.backend.accounts.actor(&holder.user, holder.epoch).await {
            Ok(now) if now == actor => {}
            _ => return,
        }
    }
}
