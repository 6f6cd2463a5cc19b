//! Listens to the one stream of news and refreshes the page when something happened that it shows.

use super::page::{fetch_again, show_progress, take_over};
use domain::news::News;
use domain::run::RunNews;
use leptos::prelude::{document, set_timeout, window_event_listener_untyped};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent, VisibilityState};

/// News within this time lead to one refresh.
const TOGETHER: Duration = Duration::from_millis(200);

/// How long to wait before trying again what the server refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// Follows one run, or all runs and requests.
pub fn follow(run: Option<String>) {
    let follower = Rc::new(Follower {
        run,
        source: RefCell::default(),
        refresh: Cell::new(Refresh::Idle),
        progress: RefCell::default(),
    });
    follower.connect();
    // A page in the background needs no news; closing the stream leaves the few connections to those in front.
    let watcher = window_event_listener_untyped("visibilitychange", move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            follower.connect();
        } else {
            follower.disconnect();
        }
    });
    drop(watcher);
}

#[derive(Clone, Copy, PartialEq)]
enum Refresh {
    Idle,
    UnderWay,
    OnceMore,
}

struct Follower {
    run: Option<String>,
    source: RefCell<Option<EventSource>>,
    refresh: Cell<Refresh>,
    /// The newest progress, shown again after a refresh.
    progress: RefCell<Option<RunNews>>,
}

impl Follower {
    fn connect(self: &Rc<Self>) {
        self.disconnect();
        let Ok(source) = EventSource::new("/events") else {
            return;
        };
        let this = Rc::clone(self);
        let opened = Closure::<dyn FnMut()>::new(move || this.refresh());
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        let this = Rc::clone(self);
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| this.heard(&event));
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let this = Rc::clone(self);
        let failed = Closure::<dyn FnMut()>::new(move || this.failed());
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        // They live as long as the page.
        opened.forget();
        heard.forget();
        failed.forget();
        self.source.replace(Some(source));
    }

    fn disconnect(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// The browser connects again by itself unless the server has refused.
    fn failed(self: &Rc<Self>) {
        let refused = matches!(&*self.source.borrow(), Some(source) if source.ready_state() == EventSource::CLOSED);
        if refused {
            let this = Rc::clone(self);
            set_timeout(move || this.connect(), PATIENCE);
        }
    }

    fn heard(self: &Rc<Self>, event: &MessageEvent) {
        let Some(news) = event
            .data()
            .as_string()
            .and_then(|text| serde_json::from_str::<News>(&text).ok())
        else {
            return;
        };
        let event = match news {
            News::Run(event) => event,
            // What it led to is a run of its own, so a page of one run shows nothing of it that changes.
            News::Request(_) if self.run.is_some() => return,
            News::Request(_) => return self.refresh(),
        };
        match &self.run {
            Some(run) if run != event.run.as_str() => {}
            Some(_) if matches!(event.news, RunNews::Progress { .. }) => {
                show_progress(&event.news);
                self.progress.replace(Some(event.news));
            }
            None if matches!(event.news, RunNews::Progress { .. } | RunNews::Journal { .. }) => {}
            _ => self.refresh(),
        }
    }

    /// Refreshes the page soon; news during a refresh lead to one more.
    fn refresh(self: &Rc<Self>) {
        if self.refresh.get() != Refresh::Idle {
            self.refresh.set(Refresh::OnceMore);
            return;
        }
        self.refresh.set(Refresh::UnderWay);
        let this = Rc::clone(self);
        set_timeout(move || wasm_bindgen_futures::spawn_local(this.fetch()), TOGETHER);
    }

    /// A refresh that failed is tried again: there may be no more news that would lead to one.
    async fn fetch(self: Rc<Self>) {
        let Ok(fresh) = fetch_again().await else {
            set_timeout(move || wasm_bindgen_futures::spawn_local(self.fetch()), PATIENCE);
            return;
        };
        take_over(&fresh);
        if let Some(news) = &*self.progress.borrow() {
            show_progress(news);
        }
        if self.refresh.replace(Refresh::Idle) == Refresh::OnceMore {
            self.refresh();
        }
    }
}
