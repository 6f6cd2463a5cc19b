//! Logging in and out, and what a session is worth.

use super::browser::{Browser, header, location, session_cookie, text};
use super::fake::{LIMITED, NAME, PASSWORD};
use axum::http::header::{ACCEPT, COOKIE, HOST, REFERER, SET_COOKIE};
use axum::http::{HeaderName, StatusCode};
use std::sync::atomic::Ordering;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

#[tokio::test]
async fn a_login_leads_to_the_page_that_was_asked_for() {
    let mut browser = Browser::new();
    let answer = browser.get("/runs?state=failed").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/login?next=%2Fruns%3Fstate%3Dfailed");
    let answer = browser.log_in(NAME, PASSWORD, "/runs?state%3Dfailed").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/runs?state=failed");
    assert_eq!(browser.get("/runs").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_is_for_this_host_over_https_and_for_no_script() {
    let mut browser = Browser::new();
    let answer = browser.log_in(NAME, PASSWORD, "").await;
    let cookie = session_cookie(&answer).unwrap();
    assert!(cookie.starts_with("__Host-holdfast="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn over_plain_http_the_cookie_promises_no_more_than_it_can_hold() {
    let mut browser = Browser::at(|web| web.secure = false);
    let answer = browser.log_in(NAME, PASSWORD, "").await;
    let cookie = session_cookie(&answer).unwrap();
    assert!(
        cookie.starts_with("holdfast=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert_eq!(header(&answer, "strict-transport-security"), "");
}

#[tokio::test]
async fn a_failed_login_says_why_but_not_whether_the_name_exists() {
    let mut browser = Browser::new();
    for name in [NAME, "nobody"] {
        let answer = browser.log_in(name, "wrong", "/runs").await;
        assert_eq!(location(&answer), "/login?next=%2Fruns&failed=wrong");
    }
    let answer = browser.log_in(LIMITED, "wrong", "").await;
    assert_eq!(location(&answer), "/login?failed=limited&wait=60");
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_failed_login_keeps_the_name_in_the_browser_and_says_how_long_to_wait() {
    let mut browser = Browser::new();
    let answer = browser.log_in(LIMITED, "wrong", "").await;
    let cookie = header(&answer, "set-cookie").to_owned();
    assert!(cookie.contains("Path=/login") && cookie.contains("HttpOnly") && cookie.contains("Secure"));
    let kept = [(COOKIE, cookie.split(';').next().unwrap())];
    let page = text(browser.get_with(location(&answer), &kept).await).await;
    assert!(
        page.contains("value=\"limited\"") && page.contains("Wait 1 min, then try again."),
        "{page}"
    );
    let fresh = text(browser.get_with("/login", &kept).await).await;
    assert!(!fresh.contains("value=\"limited\""), "only after a failure");
    let hostile = app::login_cookie("\"><b>;ä", false);
    let kept = [(COOKIE, hostile.split(';').next().unwrap())];
    let page = text(browser.get_with("/login?failed=wrong", &kept).await).await;
    assert!(
        page.contains("&quot;&gt;&lt;b&gt;;ä") || page.contains("&quot;><b>;ä"),
        "{page}"
    );
}

#[tokio::test]
async fn a_login_never_leads_to_another_site() {
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:x",
    ] {
        let answer = Browser::new().log_in(NAME, PASSWORD, next).await;
        assert_eq!(location(&answer), "/", "{next}");
    }
}

#[tokio::test]
async fn a_login_begins_a_session_of_its_own() {
    let mut browser = Browser::logged_in().await;
    let planted = browser.cookie.clone();
    browser.log_in(NAME, PASSWORD, "").await;
    assert!(browser.cookie.is_some());
    assert_ne!(browser.cookie, planted);
    browser.cookie = planted;
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_made_up_cookie_is_not_taken_over() {
    let mut browser = Browser::new();
    let made_up = "__Host-holdfast=AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    browser.cookie = Some(made_up.clone());
    browser.log_in(NAME, PASSWORD, "").await;
    assert_ne!(browser.cookie, Some(made_up));
    assert_eq!(browser.get("/runs").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn after_a_logout_the_session_is_gone_on_both_sides() {
    let mut browser = Browser::logged_in().await;
    let old = browser.cookie.clone();
    let answer = browser.post("/logout", &[]).await;
    assert_eq!(location(&answer), "/login");
    // Without `Secure` a browser keeps a cookie of this name.
    let cookies = answer
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|cookie| cookie.to_str().unwrap());
    let removes = |cookie: &str| cookie.starts_with("__Host-holdfast=;") && cookie.contains("Max-Age=0; Secure");
    assert!(cookies.into_iter().any(removes), "{answer:?}");
    assert_eq!(browser.cookie, None);
    assert_eq!(browser.fake.logouts.load(Ordering::SeqCst), 1);
    browser.cookie = old;
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_changed_password_ends_all_sessions_but_the_one_that_has_changed_it() {
    let mut browser = Browser::logged_in().await;
    let here = browser.cookie.take();
    browser.log_in(NAME, PASSWORD, "").await;
    let elsewhere = std::mem::replace(&mut browser.cookie, here.clone());
    let form = [("old", PASSWORD), ("new", "another horse"), ("again", "another horse")];
    let answer = browser.post("/fn/account/password", &form).await;
    assert!(location(&answer).starts_with("/account"), "{answer:?}");
    assert_ne!(browser.cookie, here, "the session has another id");
    assert_eq!(browser.get("/account").await.status(), StatusCode::OK);
    for ended in [here, elsewhere] {
        browser.cookie = ended;
        assert_eq!(browser.get("/account").await.status(), StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let mut browser = Browser::logged_in().await;
    browser.fake.disabled.store(true, Ordering::SeqCst);
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
    browser.fake.disabled.store(false, Ordering::SeqCst);
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn everybody_logs_in_again_after_a_day() {
    let mut browser = Browser::logged_in().await;
    browser.fake.time.store(23 * 3_600_000, Ordering::SeqCst);
    assert_eq!(browser.get("/runs").await.status(), StatusCode::OK);
    browser.fake.time.store(24 * 3_600_000, Ordering::SeqCst);
    assert_eq!(browser.get("/runs").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_program_that_is_not_logged_in_gets_a_status_and_no_page() {
    let mut browser = Browser::new();
    for path in ["/runs", "/events", "/points/p1/files/vm.cfg"] {
        let answer = browser.get_with(path, &[(ACCEPT, "*/*")]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(header(&answer, "content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_form_that_was_sent_too_late_leads_back_to_its_page() {
    let mut browser = Browser::new();
    let headers = [
        (SITE, "same-origin"),
        (ACCEPT, "text/html"),
        (REFERER, "https://holdfast.example/protection/new"),
    ];
    let answer = browser.post_with("/fn/policies/save", &[], &headers).await;
    assert_eq!(location(&answer), "/login?next=%2Fprotection%2Fnew");
    let foreign = [
        (SITE, "same-origin"),
        (ACCEPT, "text/html"),
        (REFERER, "https://evil.example/x"),
    ];
    let answer = browser.post_with("/fn/policies/save", &[], &foreign).await;
    assert_eq!(location(&answer), "/login");
}

#[tokio::test]
async fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
    let forwarded = [
        (SITE, "same-origin"),
        (FORWARDED, "203.0.113.9"),
        (HOST, "holdfast.example"),
    ];
    let form = [("name", "x"), ("password", "y")];
    let mut direct = Browser::new();
    direct.post_with("/login", &form, &forwarded).await;
    assert_eq!(*direct.fake.addresses.lock().unwrap(), ["192.0.2.1"]);
    let mut behind = Browser::at(|web| web.trusted_proxy = true);
    behind.post_with("/login", &form, &forwarded).await;
    assert_eq!(*behind.fake.addresses.lock().unwrap(), ["203.0.113.9"]);
}
