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
}
