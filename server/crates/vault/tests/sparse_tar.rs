//! Sparse streams, unpacked by GNU tar.

#![cfg(test)]

mod support;

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
    process::{Command, Stdio},
};
use support::{Image, MIB};
use tempfile::TempDir;
use vault::{Extent, ImageSource, SparseTar, VaultError};

const GIB: u64 = 1024 * MIB;

/// Unpacks an image as a server does.
fn unpack(image: Image) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let extents = image.data().to_vec();
    let mut stream = SparseTar::new("new disk.img", 0o640, extents, image).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-xSf", "-", "-C"]).arg(folder.path()).stdin(Stdio::piped());
    let mut child = tar.spawn().unwrap();
    io::copy(&mut stream, &mut child.stdin.take().unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    let path = folder.path().join("new disk.img");
    (folder, path)
}

fn ranges(count: u64) -> Vec<(u64, u64)> {
    (0..count)
        .map(|index| (index * MIB + 512 * (index % 3), 4096 + 512 * index))
        .collect()
}

#[test]
fn any_number_of_ranges_is_unpacked_whole_and_sparse() {
    for count in [0, 1, 3, 4, 5, 24, 25, 26, 46, 47, 100] {
        let image = Image::new(120 * MIB + 13, &ranges(count), count);
        let bytes = image.bytes();
        let (_folder, path) = unpack(image);
        assert!(fs::read(&path).unwrap() == bytes, "{count} ranges");
        let on_disk = fs::metadata(&path).unwrap().blocks() * 512;
        assert!(on_disk < 12 * MIB, "{count} ranges take {on_disk} bytes");
    }
}

#[test]
fn the_last_byte_may_be_data() {
    let image = Image::new(3 * MIB + 13, &[(3 * MIB, 13)], 5);
    let bytes = image.bytes();
    let (_folder, path) = unpack(image);
    assert!(fs::read(&path).unwrap() == bytes);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
}

#[test]
fn an_empty_file_is_unpacked() {
    let (_folder, path) = unpack(Image::new(0, &[], 0));
    assert_eq!(fs::metadata(path).unwrap().len(), 0);
}

#[test]
fn sizes_beyond_eleven_octal_digits_are_unpacked() {
    let size = 20 * GIB + 1;
    let image = Image::new(size, &[(512, 1024), (9 * GIB, MIB), (20 * GIB, 1)], 7);
    let (mut expected, mut found) = (Image::new(size, &[(9 * GIB, MIB)], 8), vec![0; MIB as usize]);
    let mut piece = found.clone();
    expected.read(9 * GIB, &mut piece).unwrap();
    let (_folder, path) = unpack(image);
    let meta = fs::metadata(&path).unwrap();
    assert_eq!(meta.len(), size);
    assert!(meta.blocks() * 512 < 4 * MIB);
    let mut file = File::open(path).unwrap();
    file.seek(SeekFrom::Start(9 * GIB)).unwrap();
    file.read_exact(&mut found).unwrap();
    assert!(found == piece, "the same noise, made by itself");
}

#[test]
fn a_reader_that_fails_fails_the_stream() {
    let mut image = Image::new(4 * MIB, &[(0, 4 * MIB)], 1);
    image.broken_at = Some(2 * MIB);
    let extents = image.data().to_vec();
    let mut stream = SparseTar::new("x", 0o600, extents, image).unwrap();
    assert_eq!(
        io::copy(&mut stream, &mut io::sink()).unwrap_err().to_string(),
        "the line broke"
    );
}

#[test]
fn what_a_header_cannot_hold_is_refused() {
    let image = || Image::new(100, &[], 0);
    let long = SparseTar::new(&"x".repeat(100), 0o600, Vec::new(), image());
    assert!(matches!(long, Err(VaultError::InvalidName { .. })));
    let beyond = SparseTar::new("x", 0o600, vec![Extent { offset: 0, length: 101 }], image());
    assert!(matches!(beyond, Err(VaultError::InvalidExtents { .. })));
}
