//! English.

pub(super) mod audit;
pub(super) mod conflict;
pub(super) mod error;
pub(super) mod fault;
pub(super) mod flaw;
pub(super) mod host;
pub(super) mod plan;
pub(super) mod refusal;
pub(super) mod request;
pub(super) mod run;
pub(super) mod step;
pub(super) mod target;
pub(super) mod task;

/// `1 disk`, `2 disks`.
fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// What somebody else has said, as a sentence, so that another can follow.
fn full_stop(said: &str) -> String {
    let said = said.trim();
    match said.ends_with(['.', '!', '?']) {
        true => said.to_owned(),
        false => format!("{said}."),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_counts_read_like_sentences() {
        let things = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&things), "a, b and c");
        assert_eq!(list(&things[..2]), "a and b");
        assert_eq!(list(&things[..1]), "a");
        assert_eq!(count(1, "disk") + ", " + &count(2, "disk"), "1 disk, 2 disks");
    }
}
