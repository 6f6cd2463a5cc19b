//! A rebuild script with the colours of its language. What is coloured is told apart by the reader of the language
//! itself, so the colours say what the Manager would understand.

use leptos::prelude::*;
use ovm::ovmcli::{Token, TokenKind, tokenize};

/// Lines that a page shows; a script of thousands of machines is for the download.
const SHOWN: usize = 2_000;

/// A script.
#[component]
pub fn Script(
    /// The commands, with notes and purposes as `#` lines.
    text: String,
) -> impl IntoView {
    let all = text.lines().count();
    let lines: Vec<_> = text.lines().take(SHOWN).map(line).collect();
    let left = all.saturating_sub(SHOWN);
    let left = (left > 0).then(|| {
        view! { <p class="note">{crate::format::thousands(left)} " more lines are not shown here. Copying includes \
        them."</p> }
    });
    view! {
        <div class="code script">
            <pre tabindex="0" aria-label="Script"><code>{lines}</code></pre>
            <button type="button" class="copy" data-copy=text aria-label="Copy script">"Copy"</button>
        </div>
        {left}
    }
}

fn line(text: &str) -> AnyView {
    let pieces: Vec<_> = pieces(text)
        .into_iter()
        .map(|(class, piece)| match class {
            "" => piece.into_any(),
            class => view! { <span class=class>{piece}</span> }.into_any(),
        })
        .collect();
    view! { {pieces} "\n" }.into_any()
}

/// The line in pieces, each with its class; together they are the line.
fn pieces(text: &str) -> Vec<(&'static str, String)> {
    if text.trim_start().starts_with('#') {
        return vec![("s-comment", text.to_owned())];
    }
    let Ok(tokens) = tokenize(text) else {
        return vec![("", text.to_owned())];
    };
    let characters: Vec<char> = text.chars().collect();
    let piece = |from: usize, to: usize| characters.iter().skip(from).take(to - from).collect::<String>();
    let mut pieces = Vec::new();
    let mut at = 0;
    for (place, token) in tokens.iter().enumerate() {
        let start = token.column - 1;
        let next = tokens.get(place + 1).map_or(characters.len(), |next| next.column - 1);
        let written = piece(start, next);
        pieces.push(("", piece(at, start)));
        match &token.kind {
            TokenKind::Word(_) => pieces.push((class_of_word(&tokens, place), written)),
            TokenKind::Pair(pair) => {
                let key: usize = pair.key.chars().count();
                pieces.push(("s-key", piece(start, start + key)));
                pieces.push(("", piece(start + key, start + key + 1)));
                pieces.push(("s-value", piece(start + key + 1, next)));
            }
        }
        at = next;
    }
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

/// The first word says what to do; one after `on`, `to`, `from`, and the second, are types.
fn class_of_word(tokens: &[Token], place: usize) -> &'static str {
    let joins =
        |token: &Token| matches!(&token.kind, TokenKind::Word(word) if ["on", "to", "from"].contains(&word.as_str()));
    match place {
        0 => "s-verb",
        1 => "s-type",
        _ if tokens.get(place).is_some_and(joins) => "s-verb",
        _ => "s-type",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_line_and_are_named_for_what_they_are() {
        let line = "create Vm name=\"a = b/\"c\" memory=4096 on ServerPool name=pool01";
        let found = pieces(line);
        assert_eq!(found.iter().map(|(_, piece)| piece.as_str()).collect::<String>(), line);
        let of = |class: &str| -> Vec<String> {
            let pieces = found.iter().filter(|(own, _)| *own == class);
            pieces.map(|(_, piece)| piece.trim().to_owned()).collect()
        };
        assert_eq!(of("s-verb"), ["create", "on"]);
        assert_eq!(of("s-type"), ["Vm", "ServerPool"]);
        assert_eq!(of("s-key"), ["name", "memory", "name"]);
        assert_eq!(of("s-value"), ["\"a = b/\"c\"", "4096", "pool01"]);
    }

    #[test]
    fn what_is_no_command_stays_as_it_is() {
        assert_eq!(
            pieces("# a note; with = signs"),
            [("s-comment", "# a note; with = signs".to_owned())]
        );
        assert_eq!(
            pieces("create Vm name=\"open"),
            [("", "create Vm name=\"open".to_owned())]
        );
        assert_eq!(pieces(""), []);
    }
}
