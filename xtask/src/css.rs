//! Makes one style sheet of `style/main.css` and the files that it imports.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Reads a sheet, puts imported sheets in the place of their `@import`, and takes out comments and idle white space.
pub fn bundle(sheet: &Path) -> Result<String> {
    Ok(minify(&inline(sheet)?))
}

fn inline(sheet: &Path) -> Result<String> {
    let text = fs::read_to_string(sheet).with_context(|| format!("cannot read {}", sheet.display()))?;
    let mut bundle = String::new();
    for line in text.lines() {
        if !line.trim_start().starts_with("@import") {
            bundle.push_str(line);
            bundle.push('\n');
            continue;
        }
        let Some(import) = Import::parse(line.trim()) else {
            bail!(
                "{}: expected `@import \"file.css\" layer(name);`, found `{}`",
                sheet.display(),
                line.trim()
            );
        };
        let imported = inline(&sheet.with_file_name(import.file))?;
        match import.layer {
            Some(layer) => bundle.push_str(&format!("@layer {layer} {{\n{imported}}}\n")),
            None => bundle.push_str(&imported),
        }
    }
    Ok(bundle)
}

/// `@import "file.css";` or `@import "file.css" layer(name);`
struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("@import")?.trim_start().strip_prefix('"')?;
        let (file, rest) = rest.split_once('"')?;
        let condition = rest.trim().strip_suffix(';')?.trim();
        let layer = match condition {
            "" => None,
            _ => Some(condition.strip_prefix("layer(")?.strip_suffix(')')?),
        };
        Some(Self { file, layer })
    }
}

/// Takes out comments, and white space that separates nothing. Strings stay as they are.
fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => string_length(rest, first),
            '/' if rest.starts_with("/*") => comment_length(rest),
            _ if first.is_whitespace() => rest.len() - rest.trim_start().len(),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if first.is_whitespace() || token.starts_with("/*") {
            space(&mut out);
        } else if matches!(first, '{' | '}' | ';') {
            out.truncate(out.trim_end().len());
            out.push(first);
        } else {
            out.push_str(token);
        }
        rest = after;
    }
    out.trim_end().to_owned()
}

/// Adds a space unless the text so far ends where none is needed.
fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with([' ', '{', '}', ';']) {
        out.push(' ');
    }
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn comment_length(text: &str) -> usize {
    text.find("*/").map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_become_layers_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("main.css"),
            "@layer a, b;\n@import \"a.css\" layer(a);\n@import \"b.css\";\n",
        )
        .unwrap();
        fs::write(folder.path().join("a.css"), ":root { --x: 1px; }\n").unwrap();
        fs::write(folder.path().join("b.css"), "p { color: red }\n").unwrap();
        let css = bundle(&folder.path().join("main.css")).unwrap();
        assert_eq!(css, "@layer a, b;@layer a{:root{--x: 1px;}}p{color: red}");
    }

    #[test]
    fn an_import_that_is_not_understood_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import url(a.css) print;\n").unwrap();
        let error = bundle(&folder.path().join("main.css")).unwrap_err().to_string();
        assert!(error.contains("found `@import url(a.css) print;`"), "{error}");
    }

    #[test]
    fn minifying_keeps_what_has_a_meaning() {
        let css = "/* head */\na > b ,\n  c:hover /* why */ d {\n  content: \"/* no  comment */ \\\" ;\" ;\n}\n";
        assert_eq!(minify(css), "a > b , c:hover d{content: \"/* no  comment */ \\\" ;\";}");
    }
}
