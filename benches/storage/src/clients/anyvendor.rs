//! anyvendor's adapter.

use anyvendor_adapter_s3::{CredentialsConfig, S3, S3Config};
use anyvendor_core::{
    storage::{GetObject, PutObject, PutStream, StorageProvider},
    values::{ObjectKey, Secret},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{Client, PIECE};

pub(crate) struct Anyvendor(S3);

impl Anyvendor {
    pub(crate) fn new(endpoint: &str) -> Self {
        let credentials = CredentialsConfig::Static {
            access_key_id: Secret::new("AKIDEXAMPLE").into(),
            secret_access_key: Secret::new("secret").into(),
            session_token: None,
        };
        // Part size (8 MiB) and parts at once (3) are the defaults.
        let config = S3Config::new("bench", "us-east-1", credentials).with_local_endpoint(endpoint);
        Self(S3::new(config).expect("good settings"))
    }
}

fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key).expect("a key")
}

impl Client for Anyvendor {
    async fn put_stream(&self, name: &str, length: usize) {
        let pieces = length / PIECE.len();
        let body = stream::iter(0..pieces).map(|_| Ok(Bytes::from_static(&PIECE)));
        let request = PutStream::new(key(name), Box::pin(body)).with_length(length as u64);
        let outcome = self.0.put_stream(request).await.expect("an outcome");
        outcome.into_stored().expect("stored");
    }

    async fn get_stream(&self, name: &str) -> usize {
        let outcome = self.0.get(GetObject::new(key(name))).await;
        let object = outcome.expect("an outcome").into_object();
        let mut body = object.expect("an object").body;
        let mut read = 0;
        while let Some(piece) = body.next().await {
            read += piece.expect("a piece").len();
        }
        read
    }

    async fn put(&self, name: &str, body: Bytes) {
        let outcome = self.0.put(PutObject::new(key(name), body)).await;
        outcome.expect("an outcome").into_stored().expect("stored");
    }
}
