//! Which ranges of an image are read, and the commands that read them.

use domain::point::Extent;
use ovm::shell::Shell;

/// `dd` reads in blocks of this size; ranges are widened to it.
pub(crate) const BLOCK: u64 = 1024 * 1024;

/// Ranges in one command line: far below what a shell takes.
const RANGES_PER_COMMAND: usize = 256;

/// Hashes standard input. The `sha256sum` of the servers does not use what the processor has for it; `openssl` is several
/// times as fast. Their lines differ, by version too, but the hash is a word of each.
const HASH: &str = "if command -v openssl > /dev/null; then exec openssl dgst -sha256; fi; exec sha256sum";

/// Widens extents to whole blocks, cuts them at the size, and joins what touches.
pub(crate) fn in_blocks(extents: &[Extent], size: u64) -> Vec<Extent> {
    let mut widened: Vec<Extent> = Vec::with_capacity(extents.len());
    for extent in extents
        .iter()
        .filter(|extent| extent.length > 0 && extent.offset < size)
    {
        let start = extent.offset / BLOCK * BLOCK;
        let end = extent
            .offset
            .saturating_add(extent.length)
            .div_ceil(BLOCK)
            .saturating_mul(BLOCK)
            .min(size);
        match widened.last_mut() {
            Some(last) if last.offset + last.length >= start => last.length = last.length.max(end - last.offset),
            _ => widened.push(Extent {
                offset: start,
                length: end - start,
            }),
        }
    }
    widened
}

/// The command lines that print these ranges (in whole blocks, see [`in_blocks`]) one after the other, each with the
/// number of bytes that it prints.
pub(crate) fn read_commands(path: &str, ranges: &[Extent]) -> Vec<(Shell, u64)> {
    ranges
        .chunks(RANGES_PER_COMMAND)
        .filter_map(|chunk| command(path, chunk))
        .collect()
}

fn command(path: &str, ranges: &[Extent]) -> Option<(Shell, u64)> {
    let dd = |range: &Extent| {
        let skip = range.offset / BLOCK;
        let count = range.length.div_ceil(BLOCK);
        [
            "dd".to_owned(),
            format!("if={path}"),
            format!("bs={BLOCK}"),
            format!("skip={skip}"),
            format!("count={count}"),
        ]
    };
    let (first, rest) = ranges.split_first()?;
    let shell = rest
        .iter()
        .fold(Shell::one(dd(first)), |shell, range| shell.and(dd(range)));
    Some((shell, ranges.iter().map(|range| range.length).sum()))
}

/// The command that prints the SHA-256 of these ranges (beginning at whole blocks), one after the other, and the list of
/// ranges that it reads from its input: a command line could not hold many.
pub(crate) fn ranges_hash(path: &str, ranges: &[Extent]) -> (Shell, String) {
    let dd = ["dd".to_owned(), format!("if={path}"), format!("bs={BLOCK}")];
    let xargs = ["xargs", "-r", "-n", "2"].map(str::to_owned);
    let list = ranges.iter().map(|range| {
        let (skip, count) = (range.offset / BLOCK, range.length.div_ceil(BLOCK));
        format!("skip={skip} count={count}\n")
    });
    (
        Shell::one(xargs.into_iter().chain(dd)).pipe(["sh", "-c", HASH]),
        list.collect(),
    )
}

/// The command that prints the SHA-256 of a whole file.
pub(crate) fn file_hash(path: &str) -> Shell {
    Shell::one(["sh", "-c", &format!("exec < \"$1\"; {HASH}"), "hash", path])
}

/// The hash in the line that [`HASH`] prints.
pub(crate) fn printed_hash(line: &str) -> Option<&str> {
    let is_hash = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    line.split_whitespace().find(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(offset: u64, length: u64) -> Extent {
        Extent { offset, length }
    }

    #[test]
    fn extents_become_blocks_that_do_not_overlap() {
        let size = 10 * BLOCK + 5;
        let widened = in_blocks(
            &[
                extent(1, 1),
                extent(BLOCK - 1, 2),
                extent(5 * BLOCK, 1),
                extent(10 * BLOCK, 5),
            ],
            size,
        );
        assert_eq!(
            widened,
            [extent(0, 2 * BLOCK), extent(5 * BLOCK, BLOCK), extent(10 * BLOCK, 5)]
        );
        assert!(in_blocks(&[extent(size, 10)], size).is_empty());
    }

    #[test]
    fn the_hash_is_found_in_the_line_of_every_tool() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for line in ["{}  -\n", "{}\n", "(stdin)= {}\n", "SHA2-256(stdin)= {}\n"] {
            assert_eq!(printed_hash(&line.replace("{}", hash)), Some(hash), "{line}");
        }
        assert_eq!(printed_hash("openssl:Error: 'dgst' is an invalid command."), None);
    }

    #[test]
    fn a_command_reads_each_range_once() {
        let commands = read_commands("/a b", &[extent(0, BLOCK), extent(3 * BLOCK, BLOCK + 1)]);
        let [(shell, bytes)] = commands.as_slice() else {
            panic!("one command expected")
        };
        assert_eq!(*bytes, 2 * BLOCK + 1);
        let line = shell.render().unwrap();
        assert!(
            line.contains("skip=3") && line.contains("count=2") && line.contains("'if=/a b'"),
            "{line}"
        );
    }
}
