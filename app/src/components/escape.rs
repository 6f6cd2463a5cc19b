//! Escaping where Leptos 0.8 does none: the children of a `<textarea>`, and the `<title>` of the page.

/// Text that cannot begin or end an element.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_cannot_close_an_element_nor_open_one() {
        assert_eq!(
            escaped("</title></textarea><script>&amp;"),
            "&lt;/title&gt;&lt;/textarea&gt;&lt;script&gt;&amp;amp;"
        );
    }

    #[test]
    fn only_the_components_that_escape_write_these_elements() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut writers = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let written = |line: &str| {
                    let line = line.trim_start();
                    line.starts_with("<textarea") || line.starts_with("<Title")
                };
                if text.lines().any(written) {
                    writers.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        writers.sort();
        // The login page has a fixed title.
        assert_eq!(
            writers,
            ["components/page.rs", "components/text_area.rs", "pages/login.rs"]
        );
    }
}
