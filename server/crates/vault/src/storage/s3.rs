//! A backup target in a bucket of an S3-compatible server: requests are signed in their addresses and sent over HTTP.

use super::{CONFIG, KEYS, PAUSES, PackFile, S3Fault, Storage, Trouble, library::Library};
use crate::S3Location;
use rustic_core::{BytesList, RusticResult, WriteBackend};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle, actions::ListObjectsV2};
use std::{io, ops::Range, sync::Arc, thread, time::Duration, time::SystemTime};
use ureq::{
    Agent, Body, SendBody,
    http::Response,
    tls::{RootCerts, TlsConfig},
};

/// A request counts for so long after it was signed; the clocks of both sides may differ by the rest.
const SIGNED_FOR: Duration = Duration::from_secs(15 * 60);
/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// Until the next bytes come or go.
const STALL: Duration = Duration::from_secs(120);

/// An object of the bucket, as a list tells it.
pub(super) struct Object {
    /// Its path from the top of the backup target.
    pub(super) path: String,
    pub(super) size: u64,
    modified: Option<String>,
}

/// A place in a bucket. Cloning is cheap.
#[derive(Clone)]
pub(super) struct S3(Arc<Inner>);

struct Inner {
    name: String,
    bucket: Bucket,
    credentials: Credentials,
    /// Ends with a slash, unless it is empty.
    prefix: String,
    agent: Agent,
}

impl S3 {
    /// The error says what the location lacks.
    pub(super) fn new(at: &S3Location) -> Result<Self, String> {
        let endpoint = at.endpoint.parse().map_err(|error| format!("its address: {error}"))?;
        // The other style puts the bucket into the name of the host, which only public servers have names for.
        let bucket = Bucket::new(endpoint, UrlStyle::Path, at.bucket.clone(), at.region.clone());
        let prefix = at.prefix.trim_matches('/');
        let is_plain = |name: &str| name.split('/').all(|part| !["", ".", ".."].contains(&part));
        if at.bucket.contains('/') || !is_plain(&at.bucket) || !(prefix.is_empty() || is_plain(prefix)) {
            return Err("the bucket or the prefix is no plain name".to_owned());
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(tls)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(STALL))
            .timeout_per_write(Some(STALL))
            .build()
            .new_agent();
        Ok(Self(Arc::new(Inner {
            name: at.to_string(),
            bucket: bucket.map_err(|error| format!("its address: {error}"))?,
            credentials: Credentials::new(at.key.id.clone(), at.key.secret.clone()),
            prefix: match prefix {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            },
            agent,
        })))
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// All of an object.
    pub(super) fn get(&self, file: &str) -> Result<Vec<u8>, S3Fault> {
        let key = self.key(file);
        ask(|| {
            let get = self.0.bucket.get_object(Some(&self.0.credentials), &key);
            self.0.agent.get(signed(&get)).call()
        })
    }

    /// A range of an object; less where it ends before.
    pub(super) fn get_range(&self, file: &str, range: Range<u64>) -> Result<Vec<u8>, S3Fault> {
        let key = self.key(file);
        let bytes = format!("bytes={}-{}", range.start, range.end - 1);
        ask(|| {
            let get = self.0.bucket.get_object(Some(&self.0.credentials), &key);
            self.0.agent.get(signed(&get)).header("range", &bytes).call()
        })
    }

    /// Makes an object, whole or not at all.
    pub(super) fn put(&self, file: &str, content: &BytesList) -> Result<(), S3Fault> {
        let (key, size) = (self.key(file), content.size().to_string());
        let put = || {
            let put = self.0.bucket.put_object(Some(&self.0.credentials), &key);
            let body = SendBody::from_owned_reader(content.clone().reader());
            self.0
                .agent
                .put(signed(&put))
                .header("content-length", &size)
                .send(body)
        };
        ask(put).map(drop)
    }

    /// Removes an object. One that is gone is no error.
    pub(super) fn delete(&self, file: &str) -> Result<(), S3Fault> {
        let key = self.key(file);
        let deleted = ask(|| {
            let delete = self.0.bucket.delete_object(Some(&self.0.credentials), &key);
            self.0.agent.delete(signed(&delete)).call()
        });
        match deleted {
            Ok(_) | Err(S3Fault::NoObject) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// All objects in a folder and below.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<Object>, S3Fault> {
        let prefix = self.key(&format!("{folder}/"));
        let (mut objects, mut next) = (Vec::new(), None::<String>);
        loop {
            let page = ask(|| {
                let mut list = self.0.bucket.list_objects_v2(Some(&self.0.credentials));
                list.with_prefix(prefix.as_str());
                if let Some(next) = &next {
                    list.with_continuation_token(next.as_str());
                }
                self.0.agent.get(signed(&list)).call()
            })?;
            let page = ListObjectsV2::parse_response(&String::from_utf8_lossy(&page))
                .map_err(|error| S3Fault::Refused(format!("its list cannot be understood: {error}")))?;
            objects.extend(page.contents.into_iter().filter_map(|object| {
                Some(Object {
                    path: object.key.strip_prefix(&self.0.prefix)?.to_owned(),
                    size: object.size.unwrap_or_default(),
                    modified: object.last_modified,
                })
            }));
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(objects);
            }
        }
    }

    fn key(&self, file: &str) -> String {
        format!("{}{file}", self.0.prefix)
    }
}

impl Storage for S3 {
    fn backend(&self) -> RusticResult<Arc<dyn WriteBackend>> {
        Ok(Arc::new(Library(self.clone())))
    }

    fn has(&self, file: &str) -> io::Result<bool> {
        match self.get(file) {
            Ok(_) => Ok(true),
            // A server may say no more than this of a bucket that it does not have.
            Err(S3Fault::NoObject) => Ok(self.list(KEYS).map(|_| false)?),
            Err(fault) => Err(fault.into()),
        }
    }

    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        Ok(self.get(file)?)
    }

    fn write(&self, file: &str, content: &[u8]) -> io::Result<()> {
        Ok(self.put(file, &content.to_vec().into())?)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        Ok(self.delete(file)?)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let objects = self.list(folder)?.into_iter();
        let name = |object: Object| Some(object.path.strip_prefix(folder)?.trim_start_matches('/').to_owned());
        Ok(objects.filter_map(name).collect())
    }

    fn packs(&self) -> io::Result<Vec<PackFile>> {
        let objects = self.list("data")?.into_iter();
        objects
            .map(|object| {
                Ok(PackFile {
                    modified: time(object.modified.as_deref())?,
                    path: object.path,
                    size: object.size,
                })
            })
            .collect()
    }

    fn trouble(&self) -> Option<Trouble> {
        self.get(CONFIG).err().map(Trouble::Server)
    }
}

fn signed<'a>(action: &impl S3Action<'a>) -> String {
    action.sign(SIGNED_FOR).into()
}

fn time(told: Option<&str>) -> io::Result<SystemTime> {
    let told = told.unwrap_or_default();
    let time: jiff::Timestamp = told
        .parse()
        .map_err(|error| io::Error::other(format!("`{told}` is no time: {error}")))?;
    Ok(time.into())
}

/// Asks, and once more where that may help.
fn ask(request: impl Fn() -> Result<Response<Body>, ureq::Error>) -> Result<Vec<u8>, S3Fault> {
    for pause in PAUSES {
        match ask_once(&request) {
            Err(fault) if fault.may_pass() => thread::sleep(pause),
            answered => return answered,
        }
    }
    ask_once(&request)
}

fn ask_once(request: impl Fn() -> Result<Response<Body>, ureq::Error>) -> Result<Vec<u8>, S3Fault> {
    let unreachable = |error: ureq::Error| S3Fault::Unreachable(error.to_string());
    let answer = request().map_err(unreachable)?;
    let status = answer.status();
    let body = answer.into_body().into_with_config().limit(u64::MAX).read_to_vec();
    let body = body.map_err(unreachable)?;
    match status.is_success() {
        true => Ok(body),
        false => Err(S3Fault::of_answer(status.as_u16(), &body)),
    }
}
