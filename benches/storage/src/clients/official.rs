//! The official SDK. It has no writer in parts, so here is the loop that applications write.

use aws_sdk_s3::{
    Client as Sdk, Config,
    config::{BehaviorVersion, Credentials, Region},
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{Client, PIECE};
use crate::sizes::{PART, PARTS_AT_ONCE};

pub(crate) struct Official(Sdk);

impl Official {
    pub(crate) fn new(endpoint: &str) -> Self {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(
                "AKIDEXAMPLE",
                "secret",
                None,
                None,
                "bench",
            ))
            .endpoint_url(endpoint)
            .force_path_style(true)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self(Sdk::from_conf(config))
    }

    async fn part(&self, key: &str, upload: &str, number: i32, body: Bytes) -> CompletedPart {
        let sent = self.0.upload_part().bucket("bench").key(key);
        let sent = sent.upload_id(upload).part_number(number);
        let response = sent.body(ByteStream::from(body)).send().await;
        CompletedPart::builder()
            .set_e_tag(response.expect("a part").e_tag)
            .part_number(number)
            .build()
    }
}

impl Client for Official {
    async fn put_stream(&self, key: &str, length: usize) {
        let create = self.0.create_multipart_upload().bucket("bench").key(key);
        let upload = create.send().await.expect("an upload").upload_id;
        let upload = upload.expect("an id");
        let (mut under_way, mut parts) = (FuturesUnordered::new(), Vec::new());
        for number in 1..=length / PART {
            let mut part = BytesMut::with_capacity(PART);
            while part.len() < PART {
                part.extend_from_slice(&PIECE);
            }
            let number = i32::try_from(number).expect("a small number");
            under_way.push(self.part(key, &upload, number, part.freeze()));
            if under_way.len() >= PARTS_AT_ONCE {
                parts.extend(under_way.next().await);
            }
        }
        while let Some(part) = under_way.next().await {
            parts.push(part);
        }
        parts.sort_by_key(CompletedPart::part_number);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
        let complete = self.0.complete_multipart_upload().bucket("bench").key(key);
        let complete = complete.upload_id(&upload).multipart_upload(parts.build());
        complete.send().await.expect("stored");
    }

    async fn get_stream(&self, key: &str) -> usize {
        let object = self.0.get_object().bucket("bench").key(key).send().await;
        let mut body = object.expect("an object").body;
        let mut read = 0;
        while let Some(piece) = body.next().await {
            read += piece.expect("a piece").len();
        }
        read
    }

    async fn put(&self, key: &str, body: Bytes) {
        let sent = self.0.put_object().bucket("bench").key(key);
        let sent = sent.body(ByteStream::from(body)).send().await;
        sent.expect("stored");
    }
}
