//! S3's percent-encoding, its encoding of metadata that is not ASCII, and its checksums.

use anyvendor_core::{Error, values::Metadata};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue};
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same for keys, whose slashes are not encoded.
const KEY: &AsciiSet = &STRICT.remove(b'/');

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

pub(crate) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, KEY).to_string()
}

/// Undoes `encoding-type=url`, which writes spaces as plus signs.
pub(crate) fn decode_listed(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// A query of encoded pairs; a name without a value keeps its equals sign, as the signature requires.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| [&encode(name), "=", &encode(value)].concat())
        .collect();
    pairs.join("&")
}

/// The value of `Content-MD5`.
pub(crate) fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

/// The value of `x-amz-checksum-crc64nvme`; see "Checking object integrity" in the S3 user guide.
pub(crate) fn crc64nvme(bytes: &[u8]) -> String {
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes);
    STANDARD.encode(sum.to_be_bytes())
}

pub(crate) const META: &str = "x-amz-meta-";

/// Metadata as headers; values that are not plain ASCII go as RFC 2047 words, as S3 itself returns them.
pub(crate) fn metadata_headers(
    metadata: &Metadata,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    let mut size = 0;
    let mut headers = Vec::new();
    for (key, value) in metadata.iter() {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        };
        if !key.bytes().all(allowed) {
            return Err(Error::invalid(
                "metadata",
                "keys have lower-case letters, digits, dashes and underscores",
            ));
        }
        let encoded = encode_value(value);
        size += key.len() + encoded.len();
        let name = HeaderName::try_from([META, key].concat());
        let value = HeaderValue::from_str(&encoded);
        match (name, value) {
            (Ok(name), Ok(value)) => headers.push((name, value)),
            _ => {
                return Err(Error::invalid("metadata", "must be valid header values"));
            }
        }
    }
    // "User-defined metadata" in the S3 user guide: 2 KB in all.
    if size > 2_048 {
        return Err(Error::invalid(
            "metadata",
            format_args!("has {size} bytes; the vendor accepts 2048 in total"),
        ));
    }
    Ok(headers)
}

fn encode_value(value: &str) -> String {
    let plain = value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        && value.trim() == value
        && !value.contains("=?");
    if plain {
        value.to_owned()
    } else {
        ["=?UTF-8?B?", &STANDARD.encode(value), "?="].concat()
    }
}

/// Decodes RFC 2047 words; other text is returned unchanged.
pub(crate) fn decode_value(value: &str) -> String {
    value
        .split(' ')
        .map(decode_word)
        .collect::<Option<Vec<_>>>()
        .map_or_else(
            || value.to_owned(),
            |words| String::from_utf8_lossy(&words.concat()).into_owned(),
        )
}

fn decode_word(word: &str) -> Option<Vec<u8>> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inner.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    match encoding {
        "B" | "b" => STANDARD.decode(text).ok(),
        "Q" | "q" => Some(
            percent_decode_str(&text.replace('%', "=25").replace('=', "%").replace('_', " "))
                .collect(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn keys_are_encoded_once() {
        assert_eq!(encode_key("a b+c/%20/é~"), "a%20b%2Bc/%2520/%C3%A9~");
        assert_eq!(
            query(&[("uploads", ""), ("prefix", "a/b")]),
            "uploads=&prefix=a%2Fb"
        );
        assert_eq!(decode_listed("a+b%2Bc/%C3%A9"), "a b+c/é");
    }

    #[test]
    fn words_of_others_are_read() {
        assert_eq!(decode_value("=?UTF-8?Q?M=C3=BCller_1?="), "Müller 1");
        assert_eq!(decode_value("=?utf-8?b?w6k=?= =?UTF-8?B?w6k=?="), "éé");
        assert_eq!(decode_value("=?latin1?Q?x?="), "=?latin1?Q?x?=");
    }

    /// CRC-64/NVME in the catalogue of CRC algorithms: its check value, and that of nothing.
    #[test]
    fn a_checksum_is_that_of_the_catalogue() {
        assert_eq!(crc64nvme(b"123456789"), "rosUhgp5mIg=");
        assert_eq!(crc64nvme(b""), "AAAAAAAAAAA=");
    }

    #[test]
    #[ignore = "needs ANYVENDOR_VECTORS"]
    fn digests_are_those_of_other_libraries() {
        let folder = std::env::var("ANYVENDOR_VECTORS").unwrap();
        let file = std::path::Path::new(&folder).join("checksums.json");
        let vectors: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let mut checked = 0;
        for case in vectors["cases"].as_array().unwrap() {
            let Some(digest) = case["md5_b64"].as_str() else {
                continue;
            };
            let size = case["size"].as_u64().unwrap() as usize;
            let data = match case["data_b64"].as_str() {
                Some(data) => STANDARD.decode(data).unwrap(),
                None => vec![0; size],
            };
            assert_eq!((data.len(), md5(&data).as_str()), (size, digest));
            checked += 1;
        }
        assert_eq!(checked, 5);
    }

    proptest! {
        #[test]
        fn values_come_back(value in "\\PC{0,40}") {
            assert_eq!(decode_value(&encode_value(&value)), value);
        }
    }
}
