//! The state of the emulator: buckets, objects and unfinished uploads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use s3s::S3Result;
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto;

use super::blob::Blob;
use super::checksum::{Algorithm, Sum};
use super::error::{no_such_bucket, no_such_key, no_such_upload};
use super::headers::Headers;

/// The id of the account that owns all buckets and objects.
pub(super) const OWNER: &str = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";

/// The clock for the times of objects; signatures are checked against the machine's time.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The state, and the sources of times and ids.
pub(super) struct Store {
    state: Mutex<State>,
    clock: Clock,
    seed: u64,
    counter: AtomicU64,
    initial: Vec<String>,
    pub(super) region: String,
}

/// One stored object, as tests inspect it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ObjectRecord {
    /// The name of the bucket.
    pub bucket: String,
    /// The decoded key.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The stored content type, or S3's default if none was sent.
    pub content_type: String,
    /// The ETag without quotes.
    pub etag: String,
    /// The user metadata, by lower-case name without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// When the object was last written, to the second.
    pub last_modified: Timestamp,
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
    /// Unfinished uploads by key and upload id; later uploads have greater ids.
    pub(super) uploads: BTreeMap<(String, String), Upload>,
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) blob: Blob,
    pub(super) etag: String,
    pub(super) sum: Sum,
    pub(super) headers: Headers,
    pub(super) modified: Timestamp,
    /// The sizes of the parts, if the object was uploaded in parts.
    pub(super) parts: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct Upload {
    pub(super) headers: Headers,
    pub(super) initiated: Timestamp,
    /// The algorithm that the upload was created with, if any.
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

    /// Locks the state. The guard must not be held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The current time, cut to the second: neither S3 nor an HTTP date is more precise.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Clears the state; only the initial buckets exist afterwards, and they are empty.
    pub(super) fn reset(&self) {
        let created = self.now();
        let buckets = self
            .initial
            .iter()
            .map(|name| (name.clone(), Bucket::new(created)))
            .collect();
        *self.lock() = State { buckets };
    }

    /// The number of this call, and bytes that depend on the seed and on that number.
    pub(super) fn unique_bytes(&self) -> (u64, [u8; 32]) {
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
