//! A SigV4 signer, written from <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::super::store::hex;
use super::{Call, get};

/// The payload hash that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Hashed,
    Unsigned,
    /// The hash of another payload.
    Forged,
    Literal(&'static str),
}

/// The signer's credentials, scope and time.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) region: String,
    pub(super) host: String,
    pub(super) time: Timestamp,
    /// The headers that are not signed.
    pub(super) unsigned: Vec<&'static str>,
}

impl Default for Signer {
    fn default() -> Self {
        Self {
            access_key: "AK".into(),
            secret_key: "SK".into(),
            region: "eu-west-1".into(),
            host: "127.0.0.1:9000".into(),
            time: crate::clock::now(),
            unsigned: Vec::new(),
        }
    }
}

pub(super) fn sha256(data: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(data.as_ref()))
}

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Signer {
    pub(super) fn stamp(&self) -> String {
        self.time.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", &self.stamp()[..8], self.region)
    }

    /// The signature of a string to sign: algorithm, time, scope and `text`.
    pub(super) fn sign(&self, algorithm: &str, text: &str) -> String {
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for part in [&self.stamp()[..8], &self.region, "s3", "aws4_request"] {
            key = hmac(&key, part);
        }
        hex(&hmac(
            &key,
            &format!("{algorithm}\n{}\n{}\n{text}", self.stamp(), self.scope()),
        ))
    }

    fn signature(
        &self,
        call: &Call,
        query: &str,
        headers: &[(String, String)],
        payload: &str,
    ) -> String {
        let mut pairs: Vec<String> = query
            .split('&')
            .filter(|p| !p.is_empty())
            .map(|p| {
                if p.contains('=') {
                    p.to_owned()
                } else {
                    format!("{p}=")
                }
            })
            .collect();
        pairs.sort();
        let path = call.target.split('?').next().unwrap();
        let list: String = headers
            .iter()
            .map(|(n, v)| format!("{n}:{}\n", v.trim()))
            .collect();
        let names: Vec<&str> = headers.iter().map(|(n, _)| n.as_str()).collect();
        let request = format!(
            "{}\n{path}\n{}\n{list}\n{}\n{payload}",
            call.method,
            pairs.join("&"),
            names.join(";")
        );
        self.sign("AWS4-HMAC-SHA256", &sha256(request))
    }

    fn payload(call: &Call) -> String {
        match call.payload {
            Payload::Hashed => sha256(&call.body),
            Payload::Unsigned => "UNSIGNED-PAYLOAD".into(),
            Payload::Forged => sha256("something else"),
            Payload::Literal(text) => text.into(),
        }
    }

    /// All headers of the signed call; `authorization` is the last.
    pub(super) fn headers(&self, call: &Call) -> Vec<(String, String)> {
        let payload = Self::payload(call);
        let mut headers: Vec<(String, String)> = call
            .headers
            .iter()
            .map(|(n, v)| (n.to_lowercase(), v.clone()))
            .collect();
        headers.push(("host".into(), self.host.clone()));
        headers.push(("x-amz-date".into(), self.stamp()));
        headers.push(("x-amz-content-sha256".into(), payload.clone()));
        headers.sort();
        let signed: Vec<_> = headers
            .iter()
            .filter(|(n, _)| !self.unsigned.contains(&n.as_str()))
            .cloned()
            .collect();
        let query = call.target.split_once('?').map_or("", |(_, q)| q);
        let signature = self.signature(call, query, &signed, &payload);
        let names: Vec<&str> = signed.iter().map(|(n, _)| n.as_str()).collect();
        let credential = format!("{}/{}", self.access_key, self.scope());
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={},Signature={signature}",
            names.join(";")
        );
        if !headers.iter().any(|(n, _)| n == "content-length") {
            headers.push(("content-length".into(), call.body.len().to_string()));
        }
        headers.push(("authorization".into(), value));
        headers
    }

    /// The call with a presigned target, and its headers, which are signed.
    pub(super) fn presign(&self, call: &Call, expires: u64) -> (Call, Vec<(String, String)>) {
        let mut headers: Vec<(String, String)> = call.headers.clone();
        headers.push(("host".into(), self.host.clone()));
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(n, _)| n.as_str()).collect();
        let credential = format!("{}/{}", self.access_key, self.scope()).replace('/', "%2F");
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let mut query = query.to_owned();
        if !query.is_empty() {
            query.push('&');
        }
        query += &format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={}",
            self.stamp(),
            names.join("%3B")
        );
        let signature = self.signature(call, &query, &headers, "UNSIGNED-PAYLOAD");
        let mut call = call.clone();
        call.target = format!("{path}?{query}&X-Amz-Signature={signature}");
        headers.push(("content-length".into(), call.body.len().to_string()));
        (call, headers)
    }
}

#[test]
fn signs_as_the_published_example_does() {
    let signer = Signer {
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        region: "us-east-1".into(),
        host: "examplebucket.s3.amazonaws.com".into(),
        time: "2013-05-24T00:00:00Z".parse().unwrap(),
        unsigned: Vec::new(),
    };
    let headers = signer.headers(&get("/test.txt").header("range", "bytes=0-9"));
    let value = &headers
        .iter()
        .find(|(n, _)| n == "authorization")
        .unwrap()
        .1;
    assert!(
        value.ends_with("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        "{value}"
    );
    let (call, _) = signer.presign(&get("/test.txt"), 86_400);
    assert!(
        call.target
            .ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
        "{}",
        call.target
    );
}
