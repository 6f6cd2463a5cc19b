//! A backup target in a bucket of a real S3 server: a machine is backed up to it and restored from it, and the server goes
//! away in between.

use crate::s3_server::S3Server;
use domain::ids::TargetId;
use domain::policy::{BackupMethod, PolicyRules, RestoreGate};
use domain::run::Decision;
use domain::target::{AccessKey, Location, NewTarget};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vault::{PointTag, Vault};
use world::{World, told, until};

const VM: &str = "web01";
const PASSWORD: &str = "another password";
const FOREVER: i64 = i64::MAX;

/// The line to the server. It carries so many more bytes there, and is dead then.
struct Line {
    address: SocketAddr,
    left: Arc<AtomicI64>,
}

impl Line {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            address: listener.local_addr().unwrap(),
            left: Arc::new(AtomicI64::new(FOREVER)),
        };
        let left = line.left.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, left.clone()));
            }
        });
        line
    }

    fn carries(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    fn is_dead(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, left: Arc<AtomicI64>) {
    if left.load(Ordering::SeqCst) <= 0 {
        return;
    }
    let mut server = TcpStream::connect(server).await.unwrap();
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let there = async {
        let mut piece = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut piece).await {
            let bytes = i64::try_from(read).unwrap();
            let carried = left.fetch_sub(bytes, Ordering::SeqCst) > bytes;
            if !carried || to_server.write_all(&piece[..read]).await.is_err() {
                break;
            }
        }
    };
    // Whichever side hangs up, both are told.
    tokio::select! {
        () = there => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}

/// A world with a backup target in a bucket, under whose policy the machine is.
struct Bucket {
    world: World,
    server: S3Server,
    line: Line,
    target: TargetId,
}

impl Bucket {
    async fn start(gate: RestoreGate) -> Self {
        let server = tokio::task::spawn_blocking(S3Server::start).await.unwrap();
        let place = server.place();
        let line = Line::to(place.endpoint.strip_prefix("http://").unwrap().parse().unwrap()).await;
        let world = World::start().await;
        let new = NewTarget {
            name: "cloud".into(),
            location: Location::S3 {
                endpoint: format!("http://{}", line.address),
                region: place.region,
                bucket: place.bucket,
                prefix: place.prefix,
            },
            access_key: Some(AccessKey {
                id: place.key.id,
                secret: place.key.secret,
            }),
            password: PASSWORD.into(),
            make_new: true,
        };
        let target = world.backend.targets.add(&world.people.admin, new).await.unwrap();
        let rules = |rules: &mut PolicyRules| rules.target = target.clone();
        world.protect_with(VM, BackupMethod::Reflink, gate, rules).await;
        Self {
            world,
            server,
            line,
            target,
        }
    }

    /// The bucket as somebody sees it who has nothing but its address and secrets.
    async fn vault(&self) -> Vault {
        let location = self.server.location();
        let opened = tokio::task::spawn_blocking(move || Vault::open(location, PASSWORD));
        opened.await.unwrap().unwrap()
    }

    async fn points(&self) -> Vec<PointTag> {
        let vault = self.vault().await;
        let listed = tokio::task::spawn_blocking(move || vault.list_points());
        let points = listed.await.unwrap().unwrap().into_iter();
        points.map(|point| point.point).collect()
    }

    async fn unfinished(&self) -> usize {
        let vault = self.vault().await;
        let listed = tokio::task::spawn_blocking(move || vault.list_unfinished());
        listed.await.unwrap().unwrap().len()
    }

    async fn stop(self) {
        self.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_backed_up_to_a_bucket_and_restored_in_place_from_there() {
    let mut bucket = Bucket::start(RestoreGate::Approval { approvers: 1 }).await;
    let good = bucket.world.hashes(VM, &[0]);
    let point = bucket.world.back_up(VM).await;
    let id = &point.manifest.point;
    let copies: Vec<_> = point.copies.iter().map(|copy| &copy.target).collect();
    assert_eq!(copies, [&bucket.target]);
    assert_eq!(bucket.points().await, [PointTag::new(id.as_str())]);
    assert!(bucket.server.bucket().join("dc1/holdfast/config").exists());
    let operator = bucket.world.people.operator.clone();
    let verified = bucket.world.backend.catalogue.verify(&operator, id).await.unwrap();
    assert_eq!(verified.damage(), None);

    // Another engine opens it with what the database has of its secrets.
    bucket.world.restart(None).await;
    let world = &bucket.world;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    assert_ne!(world.hashes(VM, &[0]), good);
    let run = world.restored(id).await;
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    world.assert_clean("the restore from a bucket");
    bucket.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_in_the_middle_of_a_backup_fails_it_and_nothing_stays() {
    let mut bucket = Bucket::start(RestoreGate::Free).await;
    bucket.line.carries(1 << 20);
    let run = bucket.world.start_backup(VM).await;
    let says = ["The S3 server of the backup target s3:http://", "does not answer"];
    bucket.world.fails(&run, &says).await;
    assert!(bucket.line.is_dead(), "it was in the middle");
    assert!(bucket.world.points().await.is_empty());
    let admin = bucket.world.people.admin.clone();
    let targets = bucket.world.backend.targets.clone();
    let checked = targets.check(&admin, &bucket.target).await.unwrap();
    assert!(checked.fault.is_some(), "{checked:?}");

    // What it could not remove, it removes when the server is back.
    bucket.line.carries(FOREVER);
    bucket.world.restart(None).await;
    bucket.world.cleared_up(&run).await;
    until("the parts in the bucket are removed", async || {
        bucket.unfinished().await == 0
    })
    .await;
    assert_eq!(bucket.points().await, []);

    let point = bucket.world.back_up(VM).await;
    assert_eq!(bucket.points().await, [PointTag::new(point.manifest.point.as_str())]);
    let failed = bucket.world.run(&run).await;
    assert!(told(&failed.summary).contains("does not answer"), "it stays to be read");
    bucket.stop().await;
}
