//! S3's emulator, as a test uses it.

use super::access::{BUCKET, REGION};
use super::emulator::S3Emulator;
use super::store::ObjectRecord;

/// The address, the access key and the objects of the emulated S3.
#[derive(Clone, Copy)]
pub struct S3Handle<'a>(&'a S3Emulator);

impl<'a> S3Handle<'a> {
    pub(crate) fn new(emulator: &'a S3Emulator) -> Self {
        Self(emulator)
    }

    /// The address of the API: path style, or `<bucket>.localhost` on the same port.
    #[must_use]
    pub fn url(self) -> &'a str {
        &self.0.access.url
    }

    /// The id of the one access key that the emulator knows.
    #[must_use]
    pub fn access_key(self) -> &'a str {
        &self.0.access.access_key
    }

    /// The secret of that access key.
    #[must_use]
    pub fn secret_key(self) -> &'a str {
        &self.0.access.secret_key
    }

    /// The region that requests are to be signed for.
    #[must_use]
    pub fn region(self) -> &'static str {
        REGION
    }

    /// The bucket that exists from the start.
    #[must_use]
    pub fn bucket(self) -> &'static str {
        BUCKET
    }

    /// All objects, by bucket and key.
    #[must_use]
    pub fn objects(self) -> Vec<ObjectRecord> {
        self.0.server.objects()
    }

    /// How many multipart uploads are neither completed nor aborted.
    #[must_use]
    pub fn open_uploads(self) -> usize {
        self.0.server.uploads()
    }
}

impl std::fmt::Debug for S3Handle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("S3Handle");
        out.field("url", &self.url()).finish_non_exhaustive()
    }
}
