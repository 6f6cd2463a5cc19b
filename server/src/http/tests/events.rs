//! The stream of news.

use super::browser::{Browser, header};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

#[tokio::test]
async fn news_arrive_as_server_sent_events_and_end_when_the_program_stops() {
    let mut browser = Browser::logged_in().await;
    let headers = [(ACCEPT, "text/event-stream"), (ACCEPT_ENCODING, "gzip")];
    let answer = browser.get_with("/events", &headers).await;
    assert_eq!(header(&answer, "content-type"), "text/event-stream");
    assert_eq!(header(&answer, "content-encoding"), "");
    assert_eq!(header(&answer, "x-accel-buffering"), "no");
    let mut body = answer.into_body().into_data_stream();
    let first = futures::StreamExt::next(&mut body).await.unwrap().unwrap();
    let event = r#"{"run":{"run":"r1","news":{"type":"progress","step":"s1","bytes":1,"of":null,"rate":1}}}"#;
    assert_eq!(first, format!("data: {event}\n\n"));
    browser.stop.cancel();
    assert!(futures::StreamExt::next(&mut body).await.is_none());
}
