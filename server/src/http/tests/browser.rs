//! A browser, as far as the tests need one: it keeps its cookie and says where a form comes from.

use super::fake::{Fake, NAME, PASSWORD};
use crate::http::{Web, router};
use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::request::Builder;
use axum::http::{HeaderName, Request, Response, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_sessions::MemoryStore;

pub struct Browser {
    pub fake: Arc<Fake>,
    pub stop: CancellationToken,
    pub router: Router,
    /// Name and value.
    pub cookie: Option<String>,
}

impl Browser {
    /// At a program that is reached over HTTPS.
    pub fn new() -> Self {
        Self::at(|_| {})
    }

    /// At a program with other settings.
    pub fn at(change: impl Fn(&mut Web)) -> Self {
        let (fake, stop) = (Arc::new(Fake::default()), CancellationToken::new());
        let mut web = Web {
            backend: fake.backend(),
            clock: fake.clone(),
            secure: true,
            trusted_proxy: false,
            session_hours: 8,
            stop: stop.clone(),
        };
        change(&mut web);
        let peer = MockConnectInfo(SocketAddr::from(([192, 0, 2, 1], 1)));
        let router = router(web, MemoryStore::default()).layer(peer);
        Self {
            fake,
            stop,
            router,
            cookie: None,
        }
    }

    /// At the same program, already logged in.
    pub async fn logged_in() -> Self {
        let mut browser = Self::new();
        let answer = browser.log_in(NAME, PASSWORD, "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        browser
    }

    pub async fn log_in(&mut self, name: &str, password: &str, next: &str) -> Response<Body> {
        let form = [("name", name), ("password", password), ("next", next)];
        self.post("/login", &form).await
    }

    pub async fn get(&mut self, path: &str) -> Response<Body> {
        self.get_with(path, &[(ACCEPT, "text/html")]).await
    }

    pub async fn get_with(&mut self, path: &str, headers: &[(HeaderName, &str)]) -> Response<Body> {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| {
            request.header(name, *value)
        });
        self.send(request, Body::empty()).await
    }

    /// Sends a form as a page of the program does.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response<Body> {
        let own = [
            (HeaderName::from_static("sec-fetch-site"), "same-origin"),
            (ACCEPT, "text/html"),
        ];
        self.post_with(path, form, &own).await
    }

    pub async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
    ) -> Response<Body> {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, *value));
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
            .collect();
        self.send(request, Body::from(body.join("&"))).await
    }

    async fn send(&mut self, request: Builder, body: Body) -> Response<Body> {
        let request = match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        };
        let request = request.header(HOST, "holdfast.example").body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        if let Some(cookie) = session_cookie(&answer) {
            let pair = cookie.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        answer
    }
}

/// The last session cookie of an answer, with its attributes.
pub fn session_cookie(answer: &Response<Body>) -> Option<String> {
    let cookies = answer
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut of_session = cookies.filter(|cookie| cookie.contains("holdfast="));
    of_session.next_back().map(str::to_owned)
}

pub fn header<'a>(answer: &'a Response<Body>, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub fn location(answer: &Response<Body>) -> &str {
    header(answer, LOCATION.as_str())
}

pub async fn text(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}
