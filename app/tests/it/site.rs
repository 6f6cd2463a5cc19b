//! The pages as a browser without scripts sees them: gets pages, follows redirects, keeps the session cookie.

use crate::backend::{Facts, backend};
use crate::estate::TAKEN;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use axum::{Extension, Router};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::ids::{TeamId, UserId};
use leptos::prelude::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::sync::Arc;
use tower::ServiceExt;
use tower_sessions::{MemoryStore, SessionManagerLayer, SessionStore};

/// Pages for one user.
pub struct Site {
    router: Router,
    cookie: Option<String>,
    sessions: MemoryStore,
    /// The program behind them.
    pub facts: Arc<Facts>,
}

/// An answer, read to its end.
pub struct Page {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
}

impl Site {
    /// For a user with these roles for everything.
    pub fn of(roles: &[Role]) -> Self {
        Self::of_user(roles, &Scope::All)
    }

    /// For a user with this role for one team.
    pub fn of_member(role: Role, team: &str) -> Self {
        Self::of_user(&[role], &Scope::Team(TeamId::new(team)))
    }

    fn of_user(roles: &[Role], scope: &Scope) -> Self {
        let grant = |role: &Role| Grant {
            role: *role,
            scope: scope.clone(),
        };
        let actor = Actor {
            id: UserId::new("anna"),
            name: "anna".into(),
            grants: roles.iter().map(grant).collect(),
        };
        let mut site = Self::of_nobody();
        site.router = site.router.layer(Extension(actor));
        site
    }

    /// For somebody who is not logged in.
    pub fn of_nobody() -> Self {
        let (facts, sessions) = (Arc::new(Facts::default()), MemoryStore::default());
        let options = LeptosOptions::builder()
            .output_name("app")
            .site_pkg_dir("assets/abc")
            .build();
        let context = {
            let backend = backend(&facts);
            move || app::context::provide(backend.clone(), TAKEN.plus_seconds(3600))
        };
        let shell = |options: LeptosOptions| app::shell(options, "/assets/abc");
        let draw = {
            let options = options.clone();
            move || shell(options.clone())
        };
        let router = Router::new()
            .leptos_routes_with_context(&options, generate_route_list(app::App), context.clone(), draw)
            .fallback_service(leptos_axum::ErrorHandler::new_with_context(
                context,
                shell,
                options.clone(),
            ))
            .with_state(options)
            .layer(SessionManagerLayer::new(sessions.clone()).with_secure(false));
        Self {
            router,
            cookie: None,
            sessions,
            facts,
        }
    }

    /// Gets a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Gets a page that must be there.
    pub async fn text(&mut self, path: &str) -> String {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        page.text
    }

    /// Sends a form as a browser without scripts does, and returns where it leads.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html")
            .body(Body::from(body.join("&")))
            .unwrap();
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{path}: {}", answer.text);
        answer.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Puts into the session what another release may have left there.
    pub async fn leave(&self, key: &str, text: &str) {
        let (_, id) = self.cookie.as_deref().unwrap().split_once('=').unwrap();
        let mut session = self.sessions.load(&id.parse().unwrap()).await.unwrap().unwrap();
        session.data.insert(key.to_owned(), text.into());
        self.sessions.save(&session).await.unwrap();
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let answer: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let set = answer.headers().get_all(header::SET_COOKIE).iter();
        for cookie in set.filter_map(|cookie| cookie.to_str().ok()) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
