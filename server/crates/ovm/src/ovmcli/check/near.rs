//! Finds what somebody probably meant.

use std::cmp::min;

/// Longer words are no slips of short ones; comparing them would only take time.
const LONGEST: usize = 100;

/// The candidate that differs least from the word, when the difference is small enough for a slip of the pen.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(1 + word.chars().count() / 4, word, candidates)
}

/// Whether the word is so near to one of the candidates that it can hardly be another word. Stricter than
/// [`nearest`], which only guesses.
pub(super) fn is_slip(word: &str, candidates: &[&'static str]) -> bool {
    let most = if word.chars().count() < 8 { 1 } else { 2 };
    within(most, word, candidates.iter().copied()).is_some()
}

/// The candidate that differs least from the word, in at most so many places.
fn within<'a>(most: usize, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let alike = |candidate: &&str| word.len() <= LONGEST && candidate.len() <= LONGEST * 4;
    candidates
        .into_iter()
        .filter(alike)
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters must be put in, taken out or replaced, or neighbours swapped, in any case.
fn distance(word: &[char], other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, character) in word.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, wanted) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(character != wanted);
            let mut least = min(replaced, min(last[j + 1], row[j]) + 1);
            if i > 0 && j > 0 && *character == other[j - 1] && word[i - 1] == *wanted {
                least = min(least, before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

/// `a`, `a or b`, `a, b or c`, for sentences.
pub(super) fn choice<T: AsRef<str>>(words: &[T]) -> String {
    match words.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.as_ref().to_owned(),
        Some((last, rest)) => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", rest.join(", "), last.as_ref())
        }
    }
}

/// What is expected: the word that was probably meant, else all of them.
pub(super) fn expected(word: &str, candidates: &[&'static str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => choice(candidates),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let words = ["memory", "memoryLimit", "name"];
        assert_eq!(nearest("memroy", words), Some("memory"));
        assert_eq!(nearest("MEMORYLIMT", words), Some("memoryLimit"));
        assert_eq!(nearest("nmae", words), Some("name"));
        assert_eq!(nearest("network", words), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn choices_read_as_sentences() {
        assert_eq!(choice(&["a"]), "a");
        assert_eq!(choice(&["a", "b", "c"]), "a, b or c");
    }
}
