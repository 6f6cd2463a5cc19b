//! Cuts bytes into lines. The Manager ends lines with LF CR unless told otherwise; CR LF, LF and CR are understood too,
//! even mixed: a CR beside an LF belongs to it, any other CR ends a line.

/// Collects bytes until a line is complete.
#[derive(Default)]
pub(super) struct LineSplitter {
    line: Vec<u8>,
    /// A CR has come that may belong to an LF after it.
    held_cr: bool,
    /// The byte before was an LF, to which a CR would belong.
    after_lf: bool,
}

impl LineSplitter {
    /// Takes bytes, calls `emit` for each line that they complete.
    pub(super) fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(String)) {
        for &byte in bytes {
            let bare_cr = self.held_cr && byte != b'\n';
            let belongs = self.after_lf && byte == b'\r';
            self.held_cr = byte == b'\r' && !belongs;
            self.after_lf = byte == b'\n';
            if bare_cr {
                emit(self.take());
            }
            match byte {
                b'\r' => {}
                b'\n' => emit(self.take()),
                _ => self.line.push(byte),
            }
        }
    }

    /// The line that no line end completed, if there is one, and whether a line end is still to be counted for it.
    pub(super) fn finish(mut self) -> Option<(String, bool)> {
        let complete = self.held_cr;
        (!self.line.is_empty()).then(|| (self.take(), complete))
    }

    fn take(&mut self) -> String {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_line_ends_give_the_same_lines_however_the_bytes_arrive() {
        for end in ["\n\r", "\r\n", "\n", "\r"] {
            for size in 1..5 {
                let bytes = ["a", "", "b", "rest"].join(end);
                let (mut splitter, mut lines) = (LineSplitter::default(), Vec::new());
                for part in bytes.as_bytes().chunks(size) {
                    splitter.push(part, |line| lines.push(line));
                }
                assert_eq!(lines, ["a", "", "b"], "{end:?}");
                assert_eq!(splitter.finish(), Some(("rest".to_owned(), false)));
            }
        }
    }

    #[test]
    fn mixed_line_ends_keep_lines_apart() {
        let (mut splitter, mut lines) = (LineSplitter::default(), Vec::new());
        splitter.push(b"a\n\rb\rc\r\nd\ne\r", |line| lines.push(line));
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(splitter.finish(), Some(("e".to_owned(), true)));
    }
}
