//! S3's XML bodies, under S3's names.

use std::fmt::Write;

use bytes::Bytes;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorBody {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
    pub(crate) region: Option<String>,
}

impl ErrorBody {
    /// The error in a body, if it contains one. White space may come first.
    pub(crate) fn read(body: &Bytes) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?.trim_start();
        let root = text
            .strip_prefix("<?xml")
            .and_then(|rest| rest.split_once("?>"))
            .map_or(text, |(_, rest)| rest);
        root.trim_start()
            .starts_with("<Error")
            .then(|| quick_xml::de::from_str(text).ok())?
    }
}

/// Reads a result; `None` if the body is something else.
pub(crate) fn read<T: serde::de::DeserializeOwned>(body: &Bytes) -> Option<T> {
    quick_xml::de::from_str(std::str::from_utf8(body).ok()?.trim_start()).ok()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListBucketResult {
    #[serde(default)]
    pub(crate) is_truncated: bool,
    pub(crate) next_continuation_token: Option<String>,
    #[serde(default)]
    pub(crate) contents: Vec<Contents>,
    #[serde(default)]
    pub(crate) common_prefixes: Vec<CommonPrefix>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Contents {
    pub(crate) key: String,
    pub(crate) size: u64,
    #[serde(rename = "ETag")]
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CommonPrefix {
    pub(crate) prefix: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InitiateMultipartUploadResult {
    pub(crate) upload_id: String,
}

/// The result of completing an upload, copying an object or copying a part.
#[derive(Debug, Deserialize)]
pub(crate) struct Tagged {
    #[serde(rename = "ETag")]
    pub(crate) etag: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResult {
    #[serde(default)]
    pub(crate) error: Vec<DeleteError>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteError {
    pub(crate) key: String,
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

/// The body that ends an upload.
pub(crate) fn complete(parts: &[(u32, String)]) -> String {
    let mut xml = String::from("<CompleteMultipartUpload>");
    for (number, etag) in parts {
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>",
            escape(etag)
        );
    }
    xml + "</CompleteMultipartUpload>"
}

/// The body that deletes many objects; the response lists only failures.
pub(crate) fn delete<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let mut xml = String::from("<Delete><Quiet>true</Quiet>");
    for key in keys {
        let _ = write!(xml, "<Object><Key>{}</Key></Object>", escape(key));
    }
    xml + "</Delete>"
}

fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::escape(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_the_documents_is_read() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
            <Name>b</Name><Prefix/><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>\
            <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>\
            <EncodingType>url</EncodingType><Contents><Key>a+b</Key><LastModified>2011-02-26T01:56:20.000Z</LastModified>\
            <ETag>&quot;bf1d737a4d46a19f3bced6905cc8b902&quot;</ETag><Size>142863</Size><StorageClass>STANDARD</StorageClass>\
            </Contents><CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>\
            <Contents><Key>c</Key><Size>1</Size></Contents></ListBucketResult>";
        let list: ListBucketResult = read(&Bytes::from(xml)).unwrap();
        assert!(list.is_truncated);
        assert_eq!(list.contents.len(), 2);
        assert_eq!(
            list.contents[0].etag.as_deref(),
            Some("\"bf1d737a4d46a19f3bced6905cc8b902\"")
        );
        assert_eq!(list.common_prefixes[0].prefix, "photos/");
    }

    #[test]
    fn keys_cannot_break_out_of_the_xml() {
        let xml = delete(["a&b", "</Key><Key>c"].into_iter());
        assert_eq!(
            xml,
            "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object>\
             <Object><Key>&lt;/Key&gt;&lt;Key&gt;c</Key></Object></Delete>"
        );
    }
}
