//! Downloads of a recovery point's files.

use super::browser::{Browser, header, text};
use axum::http::StatusCode;

#[tokio::test]
async fn a_file_is_saved_under_a_name_that_says_where_it_is_from() {
    let mut browser = Browser::logged_in().await;
    for (file, content_type) in [
        ("vm.cfg", "text/plain; charset=utf-8"),
        ("rebuild.ovmcli", "text/plain; charset=utf-8"),
        ("manifest.json", "application/json"),
    ] {
        let answer = browser.get(&format!("/points/p1/files/{file}")).await;
        assert_eq!(header(&answer, "content-type"), content_type);
        assert_eq!(
            header(&answer, "content-disposition"),
            format!("attachment; filename=\"p1-{file}\"")
        );
        assert_eq!(text(answer).await, format!("{file} of p1"));
    }
}

#[tokio::test]
async fn other_files_do_not_exist() {
    let mut browser = Browser::logged_in().await;
    for file in ["disk.img", "..%2Fvm.cfg", "VM.CFG"] {
        let answer = browser.get(&format!("/points/p1/files/{file}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{file}");
    }
}
