//! This process among the others on the same database: its lease ([`heart`]), what it tells them ([`voice`]) and what it
//! hears from them ([`ears`]).

mod news;
mod presence;

pub(crate) use news::{ears, voice};
pub(crate) use presence::{begin, end, heart};
