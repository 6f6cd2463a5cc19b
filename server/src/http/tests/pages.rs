//! Pages, what does not exist, assets, health.

use super::browser::{Browser, header, text};
use crate::http::assets;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use domain::services::NotReady;

#[tokio::test]
async fn what_does_not_exist_is_a_page_with_the_status() {
    let answer = Browser::logged_in().await.get("/nowhere").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(header(&answer, "content-type").starts_with("text/html"));
}

#[tokio::test]
async fn pages_are_compressed_when_the_browser_can_read_that() {
    let mut browser = Browser::new();
    let answer = browser.get_with("/login", &[(ACCEPT_ENCODING, "br")]).await;
    assert_eq!(header(&answer, "content-encoding"), "br");
    assert_eq!(header(&browser.get("/login").await, "content-encoding"), "");
}

#[tokio::test]
async fn a_page_names_its_assets_by_their_hash() {
    let page = text(Browser::new().get("/login").await).await;
    assert!(page.contains(&format!("/{}/app.css", assets::folder())), "{page}");
}

#[tokio::test]
async fn an_asset_of_another_version_is_gone_and_never_a_page() {
    let mut browser = Browser::new();
    for path in ["/assets/0000/app.js", &format!("/{}/none.js", assets::folder())] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(text(answer).await, "");
    }
}

#[tokio::test]
async fn an_asset_is_kept_for_ever() {
    assert!(assets::is_complete(), "build the assets first: cargo xtask web");
    let mut browser = Browser::new();
    let path = format!("/{}/app_bg.wasm", assets::folder());
    let answer = browser.get_with(&path, &[(ACCEPT_ENCODING, "gzip, br")]).await;
    assert_eq!(header(&answer, "content-type"), "application/wasm");
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&answer, "content-encoding"), "br");
    assert_eq!(header(&answer, "vary"), "accept-encoding");
    let tag = header(&answer, "etag").to_owned();
    assert_eq!(header(&browser.get(&path).await, "content-encoding"), "");
    let again = browser.get_with(&path, &[(IF_NONE_MATCH, &tag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_overview_says_that_nobody_could_open_the_backup_target() {
    let mut browser = Browser::logged_in().await;
    let title = "A backup target cannot be used";
    let page = text(browser.get("/").await).await;
    assert!(!page.contains(title), "{page}");
    *browser.fake.not_ready.lock().unwrap() = Some(NotReady::BackupTarget("there is no key file in it".into()));
    let page = text(browser.get("/").await).await;
    assert!(
        page.contains(title) && page.contains("there is no key file in it"),
        "{page}"
    );
}

#[tokio::test]
async fn health_is_for_everybody() {
    let mut browser = Browser::new();
    assert_eq!(text(browser.get("/health/live").await).await, "live\n");
    assert_eq!(text(browser.get("/health/ready").await).await, "ready\n");
    let full = NotReady::DataBase("The disk of secret-host is full.".into());
    *browser.fake.not_ready.lock().unwrap() = Some(full);
    let answer = browser.get("/health/ready").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(answer).await, "the database cannot be written to\n");
}
