//! Sessions: a random cookie on the browser's side, a row in the database on ours. It holds who logged in, never what
//! he may do: that is read anew for every request.

use super::Web;
use axum::http::HeaderValue;
use domain::ids::UserId;
use domain::services::Login;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Error;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

/// Where the holder is kept in a session.
const HOLDER: &str = "holder";

/// Seconds after which everybody has to log in again.
const LONGEST: i64 = 24 * 3600;

/// Seconds between two notes that a session is still in use: a page does not cost a write each time.
const NOTE_EVERY: i64 = 300;

/// Who holds a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The account.
    pub user: UserId,
    /// The epoch of the account at login; a later one makes the session void.
    pub epoch: i64,
    since: Timestamp,
    seen: Timestamp,
}

/// The layer that reads and writes sessions.
pub fn layer<S: SessionStore + Clone>(web: &Web, store: S) -> SessionManagerLayer<S> {
    SessionManagerLayer::new(store)
        .with_name(cookie_name(web.secure))
        .with_secure(web.secure)
        .with_http_only(true)
        // Strict would lose the session on every link in a mail.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::hours(web.session_hours.into())))
}

/// With the prefix, browsers take the cookie over HTTPS only and from no other host of the domain.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-holdfast" } else { "holdfast" }
}

/// Takes the cookie out of the browser. The session layer does it too, but without `Secure`, and browsers ignore such a
/// cookie under a name with the prefix.
pub fn removal_cookie(secure: bool) -> HeaderValue {
    HeaderValue::from_static(if secure {
        "__Host-holdfast=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
    } else {
        "holdfast=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    })
}

/// Begins a session under a new id, so that one which somebody else has planted in the browser is worth nothing.
pub async fn begin(session: &Session, login: &Login, now: Timestamp) -> Result<(), Error> {
    session.clear().await;
    session.cycle_id().await?;
    let holder = Holder {
        user: login.actor.id.clone(),
        epoch: login.epoch,
        since: now,
        seen: now,
    };
    session.insert(HOLDER, holder).await
}

/// The holder of a session that is not too old; notes now and then that it is in use.
pub async fn holder(session: &Session, now: Timestamp) -> Result<Option<Holder>, Error> {
    let Some(mut holder) = session.get::<Holder>(HOLDER).await? else {
        return Ok(None);
    };
    if holder.since.plus_seconds(LONGEST) <= now {
        session.flush().await?;
        return Ok(None);
    }
    if holder.seen.plus_seconds(NOTE_EVERY) <= now {
        holder.seen = now;
        session.insert(HOLDER, &holder).await?;
    }
    Ok(Some(holder))
}
