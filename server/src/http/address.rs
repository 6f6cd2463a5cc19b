//! Where a request comes from, and where a browser may be sent.

use super::Web;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{HOST, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use std::convert::Infallible;
use std::net::SocketAddr;

/// Network address of the browser, for the audit trail and for limits.
pub struct ClientAddress(pub String);

impl FromRequestParts<Web> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let forwarded = web.trusted_proxy.then(|| forwarded_for(&parts.headers)).flatten();
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, web).await;
        let peer = peer.map_or_else(|_| "unknown".into(), |ConnectInfo(peer)| peer.ip().to_string());
        Ok(Self(forwarded.unwrap_or(peer)))
    }
}

/// The last entry is the one that the own proxy has added; those before it can be made up by the browser.
fn forwarded_for(headers: &HeaderMap) -> Option<String> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    let address = last.to_str().ok()?.rsplit(',').next()?.trim();
    (!address.is_empty()).then(|| address.to_owned())
}

/// A path of this program, so that nobody can use its redirects to lead a browser elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Takes a path and its query when they lead to a page of this program.
    pub fn new(path: &str) -> Option<Self> {
        let local = path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        local.then(|| Self(path.to_owned()))
    }

    /// The page from which a form was sent.
    pub fn referer(headers: &HeaderMap) -> Option<Self> {
        let referer: Uri = headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
        let own = headers.get(HOST)?.to_str().ok()?;
        let path = referer.path_and_query()?.as_str();
        (referer.authority()?.as_str() == own)
            .then(|| Self::new(path))
            .flatten()
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The login page that comes back here.
    pub fn login_first(&self) -> String {
        match self.as_str() {
            "/" => "/login".into(),
            path => format!(
                "/login?next={}",
                percent_encoding::utf8_percent_encode(path, QUERY_VALUE)
            ),
        }
    }
}

/// Everything that has a meaning in a query, or none in an address.
const QUERY_VALUE: &percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_program_are_local() {
        for path in ["/", "/runs/7?x=1&y=%20", "/a//b"] {
            assert!(LocalPath::new(path).is_some(), "{path}");
        }
        for path in [
            "",
            "runs",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\\b",
            "/a\nb",
            "/\t/e",
            "/ä",
        ] {
            assert!(LocalPath::new(path).is_none(), "{path:?}");
        }
    }

    #[test]
    fn the_last_forwarded_address_is_the_one_that_the_proxy_saw() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded_for(&headers), None);
        headers.append("x-forwarded-for", "6.6.6.6, 10.0.0.7".parse().unwrap());
        assert_eq!(forwarded_for(&headers).as_deref(), Some("10.0.0.7"));
        headers.append("x-forwarded-for", "10.0.0.8".parse().unwrap());
        assert_eq!(forwarded_for(&headers).as_deref(), Some("10.0.0.8"));
    }
}
