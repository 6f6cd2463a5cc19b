//! Reads what `filefrag -v` prints, in the layouts of old (1.41, Enterprise Linux 6) and present e2fsprogs.
//!
//! Run it with `-s`, so that data which has not reached the disk yet is counted. Only the *logical* ranges are used, so
//! sharing between clones does not matter.
//!
//! Where a file system does not tell extents (NFS), version 1.41 asks for single blocks instead, prints what goes wrong on
//! standard error, and ends as if all was well: with a size, a number of extents, exit status 0, and no row.

use crate::{Extent, extents::push_joined};

/// The output of `filefrag -v` cannot be relied upon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the output of `filefrag -v` cannot be used: {reason}")]
pub struct FilefragError {
    /// What is wrong with it.
    pub reason: String,
}

fn unusable<T>(reason: impl Into<String>) -> Result<T, FilefragError> {
    Err(FilefragError { reason: reason.into() })
}

/// The ranges of a file that hold data, sorted, with neighbours joined, cut at the size of the file. Ranges that are
/// reserved but were never written count as holes, because they read as zeros.
pub fn parse_filefrag(output: &str) -> Result<Vec<Extent>, FilefragError> {
    let mut lines = output.lines();
    let Some(header) = lines.by_ref().find_map(Header::parse) else {
        return unusable("the line with the file size is missing");
    };
    let mut extents = Vec::new();
    let (mut table, mut rows, mut logical_end) = (false, 0, 0);
    for line in lines {
        if line.ends_with(" extents found") || line.ends_with(" extent found") {
            return match rows > 0 || line.ends_with(" 0 extents found") {
                true => Ok(extents),
                false => unusable("it counts extents without telling where they lie"),
            };
        }
        if line
            .split_whitespace()
            .next()
            .is_some_and(|word| word.trim_end_matches(':') == "ext")
        {
            table = true;
            continue;
        }
        let Some(row) = Row::parse(line)?.filter(|_| table) else {
            return unusable(format!("a line is no row of its table: `{line}`"));
        };
        if row.start < logical_end {
            return unusable(format!("its rows are not in order: `{line}`"));
        }
        rows += 1;
        logical_end = row.start.saturating_add(row.length);
        if !row.unwritten {
            push_joined(&mut extents, header.extent(&row));
        }
    }
    unusable("its last line is missing, so it may have been cut off")
}

/// `File size of NAME is BYTES (N blocks of BYTES bytes)`, or `(N blocks, blocksize BYTES)`.
struct Header {
    size: u64,
    block: u64,
}

impl Header {
    fn parse(line: &str) -> Option<Self> {
        // The name can hold anything; what follows it cannot.
        let (head, bracket) = line.rsplit_once(" (")?;
        let size = head.rsplit_once(" is ")?.1.trim().parse().ok()?;
        let words: Vec<_> = bracket.trim_end_matches(')').split([' ', ',']).collect();
        let after = |key: &str| {
            words
                .iter()
                .position(|word| *word == key)
                .and_then(|at| words.get(at + 1))
        };
        let block = after("of").or_else(|| after("blocksize"))?.parse().ok()?;
        Some(Self { size, block })
    }

    fn extent(&self, row: &Row) -> Extent {
        let offset = row.start.saturating_mul(self.block).min(self.size);
        let end = row
            .start
            .saturating_add(row.length)
            .saturating_mul(self.block)
            .min(self.size);
        Extent {
            offset,
            length: end - offset,
        }
    }
}

/// One extent, in blocks.
struct Row {
    start: u64,
    length: u64,
    unwritten: bool,
}

impl Row {
    /// A row begins with its number.
    fn parse(line: &str) -> Result<Option<Self>, FilefragError> {
        let spread = line.replace("..", " ").replace(':', " ");
        let mut words = spread.split_whitespace().peekable();
        let mut numbers = Vec::new();
        while let Some(number) = words.peek().and_then(|word| word.parse::<u64>().ok()) {
            numbers.push(number);
            words.next();
        }
        let unwritten = words
            .next()
            .is_some_and(|flags| flags.split(',').any(|flag| flag == "unwritten"));
        let (start, length) = match (line.contains(".."), numbers.as_slice()) {
            (_, []) => return Ok(None),
            // number, logical from, to, physical from, to, length[, expected]
            (true, [_, start, _, _, _, length] | [_, start, _, _, _, length, _]) => (*start, *length),
            // number, logical, physical[, expected], length
            (false, [_, start, _, length] | [_, start, _, _, length]) => (*start, *length),
            _ => return unusable(format!("a row has an unknown layout: `{line}`")),
        };
        Ok(Some(Self {
            start,
            length,
            unwritten,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{fs::File, os::unix::fs::FileExt, process::Command};

    const MODERN: &str = "\
Filesystem type is: ef53
File size of /OVS/a (b) is 41943040 (10240 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..     255:      34816..     35071:    256:             shared
   1:      256..     511:      40000..     40255:    256:      35072: shared
   2:     1024..    2047:      50000..     51023:   1024:      40256: unwritten
   3:     8192..   10239:      60000..     62047:   2048:      51024: last,eof
/OVS/a (b): 4 extents found
";

    const OLD: &str = "\
Filesystem type is: 7461636f
File size of disk.img is 9000 (3 blocks, blocksize 4096)
 ext logical physical expected length flags
   0       0   534016               1
   1       2   534530   534017      1 eof
disk.img: 2 extents found
";

    fn extent(offset: u64, length: u64) -> Extent {
        Extent { offset, length }
    }

    #[test]
    fn both_layouts_are_read() {
        let mib = 1024 * 1024;
        assert_eq!(
            parse_filefrag(MODERN).unwrap(),
            [extent(0, 2 * mib), extent(32 * mib, 8 * mib)]
        );
        assert_eq!(parse_filefrag(OLD).unwrap(), [extent(0, 4096), extent(8192, 808)]);
    }

    #[test]
    fn an_empty_file_has_no_extents() {
        let text = "Filesystem type is: ef53\nFile size of x is 0 (0 blocks of 4096 bytes)\nx: 0 extents found\n";
        assert_eq!(parse_filefrag(text).unwrap(), []);
    }

    #[test]
    fn output_that_is_cut_off_or_strange_is_refused() {
        for lines in 0..MODERN.lines().count() {
            let cut: Vec<_> = MODERN.lines().take(lines).collect();
            assert!(parse_filefrag(&cut.join("\n")).is_err(), "{lines} lines");
        }
        assert!(parse_filefrag(&MODERN.replace("length: ", "").replace("   256: ", "")).is_err());
        assert!(parse_filefrag("x: FIBMAP unsupported").is_err());
    }

    /// What 1.41 prints where it cannot ask for extents: nothing of it says where data lies.
    #[test]
    fn extents_that_are_only_counted_are_refused() {
        let head = "Filesystem type is: 6969\nFile size of x is 8192 (2 blocks, blocksize 4096)\n";
        let table = " ext logical physical expected length flags\n";
        let discontinuity = "Discontinuity: Block 1 is at 52 (was 50)\n";
        for found in [
            "x: 1 extent found",
            "x: 2 extents found",
            "x: 2 extents found, perfection would be 1 extent",
        ] {
            for between in ["", table, discontinuity, &[table, discontinuity].concat()] {
                assert!(
                    parse_filefrag(&format!("{head}{between}{found}\n")).is_err(),
                    "{between}{found}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in ".{0,200}", row in "[ 0-9.:a-z,]{0,60}") {
            let _ = parse_filefrag(&text);
            let _ = parse_filefrag(&format!("File size of x is 9 (1 block of 4096 bytes)\n{row}\nx: 1 extent found"));
        }
    }

    #[test]
    fn the_ranges_of_a_real_file_are_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        write_pattern(file.as_file());
        let output = Command::new("filefrag")
            .args(["-s", "-v"])
            .arg(file.path())
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let extents = parse_filefrag(&String::from_utf8(output.stdout).unwrap()).unwrap();
        for at in [0, 5_000_000, 9_999_999] {
            assert!(
                extents.iter().any(|extent| (extent.offset..extent.end()).contains(&at)),
                "{at} in {extents:?}"
            );
        }
        assert_eq!(extents.last().unwrap().end(), 10_000_000);
        assert!(
            extents.iter().map(|extent| extent.length).sum::<u64>() < 1_000_000,
            "holes are skipped: {extents:?}"
        );
    }

    /// 10 MB with data at the beginning, in the middle and in the last byte.
    fn write_pattern(file: &File) {
        file.write_all_at(b"begin", 0).unwrap();
        file.write_all_at(b"middle", 5_000_000).unwrap();
        file.write_all_at(b"!", 9_999_999).unwrap();
    }
}
