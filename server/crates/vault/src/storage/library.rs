//! A bucket as the repository library sees it. It lays its files out as everywhere, so that stock restic finds them.

use super::{CONFIG, S3Fault, s3::S3};
use rustic_core::{BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult, WriteBackend};
use std::io;

pub(super) struct Library(pub(super) S3);

impl ReadBackend for Library {
    fn location(&self) -> String {
        self.0.name().to_owned()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        if kind == FileType::Config {
            return match self.0.get(CONFIG) {
                Ok(config) => Ok(vec![(Id::default(), u32::try_from(config.len()).unwrap_or(u32::MAX))]),
                Err(S3Fault::NoObject) => Ok(Vec::new()),
                Err(fault) => Err(failed(CONFIG, fault)),
            };
        }
        let objects = self.0.list(kind.dirname());
        let objects = objects.map_err(|fault| failed(kind.dirname(), fault))?.into_iter();
        let listed = |object: super::s3::Object| {
            let id = object.path.rsplit('/').next()?.parse().ok()?;
            Some((id, u32::try_from(object.size).ok()?))
        };
        Ok(objects.filter_map(listed).collect())
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<bytes::Bytes> {
        let path = path(kind, id);
        let read = self.0.get(&path).map_err(|fault| failed(&path, fault))?;
        Ok(read.into())
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<bytes::Bytes> {
        if length == 0 {
            return Ok(bytes::Bytes::new());
        }
        let (path, offset) = (path(kind, id), u64::from(offset));
        let read = self.0.get_range(&path, offset..offset + u64::from(length));
        let read = read.map_err(|fault| failed(&path, fault))?;
        match read.len() == length as usize {
            true => Ok(read.into()),
            false => Err(RusticError::with_source(
                ErrorKind::Backend,
                "The object `{path}` is shorter than it was.",
                io::Error::from(io::ErrorKind::UnexpectedEof),
            )
            .attach_context("path", path)),
        }
    }

    fn warmup_path(&self, kind: FileType, id: &Id) -> String {
        path(kind, id)
    }
}

impl WriteBackend for Library {
    fn write_bytes(&self, kind: FileType, id: &Id, _cacheable: bool, content: BytesList) -> RusticResult<()> {
        let path = path(kind, id);
        self.0.put(&path, &content).map_err(|fault| failed(&path, fault))
    }

    fn remove(&self, kind: FileType, id: &Id, _cacheable: bool) -> RusticResult<()> {
        let path = path(kind, id);
        self.0.delete(&path).map_err(|fault| failed(&path, fault))
    }
}

fn path(kind: FileType, id: &Id) -> String {
    let id = id.to_hex();
    match kind {
        FileType::Config => CONFIG.to_owned(),
        FileType::Pack => format!("data/{}/{}", &id[..2], &id[..]),
        _ => format!("{}/{}", kind.dirname(), &id[..]),
    }
}

fn failed(path: &str, fault: S3Fault) -> Box<RusticError> {
    let guidance = "The S3 server does not give or take `{path}`.";
    RusticError::with_source(ErrorKind::Backend, guidance, io::Error::from(fault)).attach_context("path", path)
}
