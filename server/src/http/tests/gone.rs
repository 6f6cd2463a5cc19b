//! A browser that goes away before its page is there.

use super::browser::Browser;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// How many wait for an answer that never comes.
async fn waiting(endless: &Arc<()>, wanted: usize) {
    // One is the test's own, one the program's.
    let waiting = async {
        while Arc::strong_count(endless) != wanted + 2 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let waiting = timeout(Duration::from_secs(20), waiting).await;
    waiting.unwrap_or_else(|_| panic!("{wanted} should wait, {} do", Arc::strong_count(endless) - 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_has_asked_for_is_not_worked_on_any_more() {
    let browser = Browser::logged_in().await;
    let endless = Arc::new(());
    *browser.fake.endless.lock().unwrap() = Some(endless.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let program = tokio::spawn(axum::serve(listener, browser.router.clone()).into_future());
    let mut connection = TcpStream::connect(address).unwrap();
    let cookie = browser.cookie.unwrap();
    let request = format!("GET /runs?q=nothing HTTP/1.1\r\nHost: holdfast.example\r\nCookie: {cookie}\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    waiting(&endless, 1).await;
    drop(connection);
    waiting(&endless, 0).await;
    program.abort();
}
