//! `object_store`, with its own writer in parts.

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::{
    ObjectStoreExt, WriteMultipart,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};

use super::{Client, PIECE};
use crate::sizes::{PART, PARTS_AT_ONCE};

pub(crate) struct Store(AmazonS3);

impl Store {
    pub(crate) fn new(endpoint: &str) -> Self {
        let store = AmazonS3Builder::new()
            .with_bucket_name("bench")
            .with_region("us-east-1")
            .with_endpoint(endpoint)
            .with_allow_http(true)
            .with_access_key_id("AKIDEXAMPLE")
            .with_secret_access_key("secret")
            .build();
        Self(store.expect("good settings"))
    }
}

impl Client for Store {
    async fn put_stream(&self, key: &str, length: usize) {
        let upload = self.0.put_multipart(&Path::from(key)).await;
        let mut upload = WriteMultipart::new_with_chunk_size(upload.expect("an upload"), PART);
        for _ in 0..length / PIECE.len() {
            upload.wait_for_capacity(PARTS_AT_ONCE).await.expect("room");
            // Copies, as anyvendor does; `put` would keep the caller's pieces, which here are static and cost nothing.
            upload.write(&PIECE);
        }
        upload.finish().await.expect("stored");
    }

    async fn get_stream(&self, key: &str) -> usize {
        let object = self.0.get(&Path::from(key)).await.expect("an object");
        let mut body = object.into_stream();
        let mut read = 0;
        while let Some(piece) = body.next().await {
            read += piece.expect("a piece").len();
        }
        read
    }

    async fn put(&self, key: &str, body: Bytes) {
        let put = self.0.put(&Path::from(key), body.into()).await;
        put.expect("stored");
    }
}
