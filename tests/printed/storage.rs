//! Objects, their headers and the links to them.

use std::time::Duration;

use anyvendor::{
    Bytes, Timestamp,
    storage::{
        ContentHeaders, CopyMetadata, CopyObject, Object, ObjectInfo, Presign, PresignMethod,
        PresignedRequest, PutObject, PutStream,
    },
    transport::ByteStream,
    values::ObjectKey,
};

use super::canary::{Canary, Prints};

fn key() -> ObjectKey {
    ObjectKey::new("receipts/1").unwrap()
}

/// A body of one piece.
fn body(canary: &Canary) -> ByteStream {
    let piece = Bytes::from(canary.text());
    Box::pin(futures_util::stream::iter([Ok(piece)]))
}

pub(crate) fn add(canary: &Canary, prints: &mut Prints) {
    let file = format!("attachment; filename=\"{}.pdf\"", canary.word);
    let content = ContentHeaders::of_type(canary.text())
        .with_cache_control(canary.text())
        .with_content_disposition(file.clone())
        .with_content_encoding(canary.text())
        .with_content_language(canary.text());
    prints.add("ContentHeaders", &content);
    let put = PutObject::new(key(), canary.text())
        .with_content(content.clone())
        .with_metadata(canary.metadata());
    prints.add("PutObject", &put);
    let put = PutStream::new(key(), body(canary))
        .with_content(content.clone())
        .with_metadata(canary.metadata());
    prints.add("PutStream", &put);
    let replace = CopyMetadata::Replace {
        content: content.clone(),
        metadata: canary.metadata(),
    };
    prints.add("CopyMetadata", &replace);
    prints.add(
        "CopyObject",
        &CopyObject::new(key(), key()).with_metadata(replace),
    );
    let mut info = ObjectInfo::new(key(), 1);
    info.content = content;
    info.metadata = canary.metadata();
    prints.add("ObjectInfo", &info);
    prints.add("Object", &Object::new(info, 0..1, body(canary)));
    let presign = Presign::get(key(), Duration::from_secs(60))
        .with_content_type(canary.text())
        .with_content_disposition(file.clone());
    prints.add("Presign", &presign);
    let headers = vec![("content-disposition".to_owned(), file)];
    let link = PresignedRequest::new(
        PresignMethod::Get,
        canary.sensitive_url(),
        headers,
        Timestamp::UNIX_EPOCH,
    );
    prints.add("PresignedRequest", &link);
}
