//! The disaster recovery handbook as one ZIP: the document, the rebuild scripts, the definitions and manifests of the
//! machines, the program that sends scripts, and checksums of all of them.

use domain::handbook::{Chapter, Handbook, file_name};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

#[cfg(test)]
mod tests;

const SEND: &str = include_str!("send.sh");

/// The package. The same edition gives the same bytes.
///
/// # Errors
/// [`ZipError`] when a file does not fit into the format.
pub fn zip(handbook: &Handbook) -> Result<Vec<u8>, ZipError> {
    let mut files = files(handbook);
    let sums: String = files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))))
        .collect();
    files.push(("SHA256SUMS".into(), sums.into_bytes()));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o600);
    for (name, bytes) in files {
        archive.start_file(name, options)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Name and content of each file.
fn files(handbook: &Handbook) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("handbook.html".into(), app::handbook::html(handbook).into_bytes()),
        (plan::procedure::SEND.into(), SEND.into()),
    ];
    for sheet in &handbook.scripts {
        files.push((format!("scripts/{}.ovmcli", sheet.file), sheet.for_cli.clone().into()));
        files.push((format!("scripts/{}.txt", sheet.file), sheet.for_people.clone().into()));
    }
    for chapter in &handbook.chapters {
        files.extend(of_machine(chapter));
    }
    files
}

fn of_machine(chapter: &Chapter) -> Vec<(String, Vec<u8>)> {
    let folder = format!("machines/{}", file_name(chapter.vm.id.as_str()));
    let definition = chapter.vm.vm_cfg.clone();
    let definition = definition.map(|text| (format!("{folder}/vm.cfg"), text.into_bytes()));
    let manifest = chapter.newest.as_ref().map(|point| &point.manifest);
    // A manifest holds plain values only, so it always has a JSON form.
    let manifest = manifest.and_then(|manifest| serde_json::to_vec_pretty(manifest).ok());
    let manifest = manifest.map(|bytes| (format!("{folder}/manifest.json"), bytes));
    definition.into_iter().chain(manifest).collect()
}
