//! Security headers, and requests that another site has sent.

use super::browser::{Browser, header, location, text};
use super::fake::{NAME, PASSWORD};
use axum::http::header::{ACCEPT, ORIGIN};
use axum::http::{HeaderName, StatusCode};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const LOGIN: [(&str, &str); 2] = [("name", NAME), ("password", PASSWORD)];

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    for headers in [
        vec![(SITE, "cross-site")],
        vec![(SITE, "same-site")],
        vec![(SITE, "cross-site"), (ORIGIN, "https://holdfast.example")],
        vec![(ORIGIN, "https://evil.example")],
        vec![(ORIGIN, "https://holdfast.example.evil.example")],
        vec![(ORIGIN, "https://holdfast.example:8443")],
        vec![(ORIGIN, "null")],
        vec![],
    ] {
        let mut browser = Browser::new();
        let answer = browser.post_with("/login", &LOGIN, &headers).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(browser.cookie, None, "{headers:?}");
        assert!(browser.fake.addresses.lock().unwrap().is_empty(), "{headers:?}");
    }
}

#[tokio::test]
async fn a_form_of_an_own_page_passes() {
    for header in [
        (SITE, "same-origin"),
        (SITE, "none"),
        (ORIGIN, "https://holdfast.example"),
    ] {
        let answer = Browser::new()
            .post_with("/login", &LOGIN, std::slice::from_ref(&header))
            .await;
        assert_eq!(location(&answer), "/", "{header:?}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let mut browser = Browser::logged_in().await;
    for path in [
        "/runs",
        "/login",
        "/nowhere",
        "/assets/x/y",
        "/health/live",
        "/points/p1/files/vm.cfg",
    ] {
        let answer = browser.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(header(&answer, name), value, "{path}: {name}");
        }
        let policy = header(&answer, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(header(&answer, "x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn a_page_allows_only_the_scripts_that_carry_its_nonce() {
    let mut browser = Browser::new();
    let first = browser.get("/login").await;
    let policy = header(&first, "content-security-policy").to_owned();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap()
        .to_owned();
    let page = text(first).await;
    assert!(page.contains(&format!("nonce=\"{nonce}\"")), "{page}");
    let second = browser.get("/login").await;
    assert_ne!(header(&second, "content-security-policy"), policy);
}

#[tokio::test]
async fn an_error_page_shows_a_sentence_and_runs_nothing() {
    let mut browser = Browser::logged_in().await;
    let answer = browser.get("/points/%3Cscript%3E/files/vm.cfg").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header(&answer, "x-error-code"), "not-found.recovery-point");
    let page = text(answer).await;
    assert!(page.contains("There is no recovery point &lt;script&gt;"), "{page}");
    assert!(page.contains("<code>not-found.recovery-point</code>"), "{page}");
    let answer = browser
        .get_with("/points/p9/files/vm.cfg", &[(ACCEPT, "application/json")])
        .await;
    assert_eq!(
        text(answer).await,
        r#"{"error":"There is no recovery point p9, or you may not see it.","code":"not-found.recovery-point"}"#
    );
}
