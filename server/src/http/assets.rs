//! Scripts, WebAssembly, styles and pictures, embedded in the program. Their address contains a hash over all of them,
//! so browsers keep them for ever and never mix two versions.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};
use std::sync::LazyLock;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// Hash over all assets, computed when they were built.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let file = Site::get("hash").map(|file| String::from_utf8_lossy(&file.data).trim().to_owned());
    file.unwrap_or_else(|| "not-built".into())
});

/// Encodings in which files are stored beside the plain one, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Whether the browser's part of the program is embedded. A build without it has pages, but nothing moves on them.
pub fn is_complete() -> bool {
    ["hash", "app.js", "app_bg.wasm", "app.css"]
        .iter()
        .all(|name| Site::get(name).is_some())
}

/// The folder in the addresses of assets, without slashes around it.
pub fn folder() -> String {
    format!("assets/{}", *HASH)
}

/// The route of the assets.
pub fn routes() -> Router {
    Router::new().route("/assets/{hash}/{*file}", get(asset))
}

/// Never answers with a page: a browser that asks for a script of another version has to learn that it is gone.
async fn asset(Path((hash, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let known = hash == *HASH && ENCODINGS.iter().all(|(_, suffix)| !file.ends_with(suffix));
    let Some((encoding, content)) = known.then(|| best(&file, &headers)).flatten() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // The variants of a file have the same meaning but not the same bytes, so the tag is a weak one.
    let tag = format!("W/\"{hash}\"");
    let keep = [
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "accept-encoding"),
        (ETAG, tag.as_str()),
    ];
    if headers.get(IF_NONE_MATCH).is_some_and(|given| given == tag.as_str()) {
        return (StatusCode::NOT_MODIFIED, keep).into_response();
    }
    let mut response = (keep, [(CONTENT_TYPE, content_type(&file))], content.data).into_response();
    if let Some(encoding) = encoding {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn best(file: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    ENCODINGS
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, suffix)| Some((Some(encoding), Site::get(&format!("{file}{suffix}"))?)))
        .or_else(|| Some((None, Site::get(file)?)))
}

/// Whether `Accept-Encoding` names the encoding without refusing it.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|choice| {
        let (name, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

fn content_type(file: &str) -> String {
    let guess = mime_guess::from_path(file).first_or_octet_stream();
    match guess.type_() {
        mime_guess::mime::TEXT => format!("{guess}; charset=utf-8"),
        _ => guess.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_counts_when_it_is_named_and_not_refused() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5, BR;q=0.1", "br"));
        for header in ["", "gzip", "br;q=0", "brotli", "br;q=x"] {
            assert!(!accepts(header, "br"), "{header}");
        }
    }

    #[test]
    fn types_are_those_that_browsers_insist_on() {
        assert_eq!(content_type("app_bg.wasm"), "application/wasm");
        assert_eq!(content_type("app.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("app.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("icon.svg"), "image/svg+xml");
        assert_eq!(content_type("strange"), "application/octet-stream");
    }
}
