//! What the double remembers: buckets, objects, unfinished uploads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use s3s::S3Result;
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto;

use super::ObjectRecord;
use super::blob::Blob;
use super::checksum::{Algorithm, Sum};
use super::headers::Headers;
use super::refusal::{no_such_bucket, no_such_key, no_such_upload};

/// The account that owns everything.
pub(super) const OWNER: &str = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";

/// The clock of the double: the time of the last change, never of a signature.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// All state of one double.
pub(super) struct Store {
    state: Mutex<State>,
    clock: Clock,
    seed: u64,
    counter: AtomicU64,
    initial: Vec<String>,
    pub(super) region: String,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: Timestamp,
    /// Keys in UTF-8 byte order, which is S3's list order.
    pub(super) objects: BTreeMap<String, Arc<Object>>,
    /// By key and upload id; ids ascend with time.
    pub(super) uploads: BTreeMap<(String, String), Upload>,
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) blob: Blob,
    pub(super) etag: String,
    pub(super) sum: Sum,
    pub(super) headers: Headers,
    pub(super) modified: Timestamp,
    /// The parts' sizes if it was uploaded in parts.
    pub(super) parts: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct Upload {
    pub(super) headers: Headers,
    pub(super) initiated: Timestamp,
    /// The algorithm asked for at creation, if any.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) composite: bool,
    pub(super) parts: BTreeMap<i32, Part>,
}

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) blob: Blob,
    pub(super) md5: [u8; 16],
    pub(super) sum: Sum,
    pub(super) modified: Timestamp,
}

impl Store {
    pub(super) fn new(region: String, initial: Vec<String>, seed: u64, clock: Clock) -> Self {
        let store = Self {
            state: Mutex::default(),
            clock,
            seed,
            counter: AtomicU64::new(0),
            initial,
            region,
        };
        store.reset();
        store
    }

    /// The state. Nothing awaits while holding it.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time to the second: S3 stores no more, and HTTP dates carry no more.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Forgets everything but the buckets it began with.
    pub(super) fn reset(&self) {
        let created = self.now();
        let buckets = self
            .initial
            .iter()
            .map(|name| (name.clone(), Bucket::new(created)))
            .collect();
        *self.lock() = State { buckets };
    }

    /// Bytes that depend on the seed and on how often this was asked.
    pub(super) fn ticket(&self) -> (u64, [u8; 32]) {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut hasher = Sha256::new();
        hasher.update(&self.seed.to_be_bytes());
        hasher.update(&count.to_be_bytes());
        (count, hasher.finalize())
    }

    pub(super) fn records(&self) -> Vec<ObjectRecord> {
        let state = self.lock();
        let of_bucket = |(name, bucket): (&String, &Bucket)| {
            let record = |(key, object): (&String, &Arc<Object>)| object.record(name, key);
            bucket.objects.iter().map(record).collect::<Vec<_>>()
        };
        state.buckets.iter().flat_map(of_bucket).collect()
    }

    pub(super) fn uploads(&self) -> usize {
        self.lock().buckets.values().map(|b| b.uploads.len()).sum()
    }
}

impl State {
    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.buckets.get(name).ok_or_else(|| no_such_bucket(name))
    }

    pub(super) fn bucket_mut(&mut self, name: &str) -> S3Result<&mut Bucket> {
        self.buckets
            .get_mut(name)
            .ok_or_else(|| no_such_bucket(name))
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> S3Result<Arc<Object>> {
        self.bucket(bucket)?
            .objects
            .get(key)
            .cloned()
            .ok_or_else(|| no_such_key(key))
    }

    pub(super) fn upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<&Upload> {
        self.bucket(bucket)?
            .uploads
            .get(&(key.to_owned(), id.to_owned()))
            .ok_or_else(|| no_such_upload(id))
    }
}

impl Bucket {
    pub(super) fn new(created: Timestamp) -> Self {
        Self {
            created,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        }
    }

    pub(super) fn upload_mut(&mut self, key: &str, id: &str) -> S3Result<&mut Upload> {
        self.uploads
            .get_mut(&(key.to_owned(), id.to_owned()))
            .ok_or_else(|| no_such_upload(id))
    }
}

impl Object {
    pub(super) fn size(&self) -> i64 {
        signed(self.blob.len())
    }

    fn record(&self, bucket: &str, key: &str) -> ObjectRecord {
        ObjectRecord {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: self.blob.len(),
            content_type: self.headers.content_type().to_owned(),
            etag: self.etag.clone(),
            metadata: self.headers.metadata.clone(),
            last_modified: self.modified,
        }
    }
}

pub(super) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn wire_time(time: Timestamp) -> dto::Timestamp {
    let seconds = Duration::from_secs(u64::try_from(time.as_second()).unwrap_or(0));
    dto::Timestamp::from(
        SystemTime::UNIX_EPOCH
            .checked_add(seconds)
            .unwrap_or(SystemTime::UNIX_EPOCH),
    )
}

pub(super) fn wire_etag(etag: &str) -> dto::ETag {
    dto::ETag::Strong(etag.to_owned())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
