//! A real S3 server over a folder, in this process.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use std::{fs, net::SocketAddr, path::PathBuf, sync::Mutex};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};
use vault::{AccessKey, Location, S3Location};

const KEY: &str = "AKIAHOLDFAST";
const SECRET: &str = "the secret of the access key";
const BUCKET: &str = "backups";

/// The server with one bucket. Stops when it is dropped.
pub struct S3Server {
    folder: TempDir,
    address: SocketAddr,
    runtime: Mutex<Option<Runtime>>,
}

impl S3Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = builder.build();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    // Whoever hangs up has his reasons.
                    http.serve_connection(TokioIo::new(connection), service).await.ok();
                });
            }
        });
        Self {
            folder,
            address,
            runtime: Mutex::new(Some(runtime)),
        }
    }

    /// Goes away with all its connections.
    pub fn stop(&self) {
        if let Some(runtime) = self.runtime.lock().unwrap().take() {
            runtime.shutdown_background();
        }
    }

    /// The folder behind the bucket.
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    pub fn place(&self) -> S3Location {
        S3Location {
            endpoint: format!("http://{}", self.address),
            region: "us-east-1".to_owned(),
            bucket: BUCKET.to_owned(),
            prefix: "dc1/holdfast".to_owned(),
            key: AccessKey {
                id: KEY.to_owned(),
                secret: SECRET.to_owned(),
            },
        }
    }

    pub fn location(&self) -> Location {
        Location::S3(self.place())
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}
