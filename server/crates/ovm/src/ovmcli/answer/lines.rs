//! Cuts bytes into lines. The Manager ends lines with LF CR unless told otherwise; CR LF, LF and CR are understood too,
//! even mixed: the CRs beside an LF belong to it, any other CR ends a line.

/// What some editors and shells put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Collects bytes until a line is complete.
#[derive(Default)]
pub(super) struct LineSplitter {
    line: Vec<u8>,
    /// So many CRs have come that may belong to an LF after them.
    held_crs: usize,
    /// Nothing but CRs came since an LF, to which they belong.
    after_lf: bool,
}

impl LineSplitter {
    /// Takes bytes, calls `emit` for each line that they complete.
    pub(super) fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(String)) {
        for &byte in bytes {
            match byte {
                b'\r' if self.after_lf => {}
                b'\r' => self.held_crs += 1,
                b'\n' => {
                    self.held_crs = 0;
                    self.after_lf = true;
                    emit(self.take());
                }
                _ => {
                    self.after_lf = false;
                    for _ in 0..std::mem::take(&mut self.held_crs) {
                        emit(self.take());
                    }
                    self.line.push(byte);
                }
            }
        }
    }

    /// The line that no line end completed, if there is one, and whether a line end is still to be counted for it.
    pub(super) fn finish(mut self) -> Option<(String, bool)> {
        let complete = self.held_crs > 0;
        (!self.line.is_empty()).then(|| (self.take(), complete))
    }

    fn take(&mut self) -> String {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line).to_owned();
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
        splitter.push(b"\xef\xbb\xbfa\n\rb\rc\r\r\nd\n\r\re\r", |line| lines.push(line));
        assert_eq!(lines, ["a", "b", "c", "d"], "a terminal doubles the CR of CR LF");
        assert_eq!(splitter.finish(), Some(("e".to_owned(), true)));
    }
}
