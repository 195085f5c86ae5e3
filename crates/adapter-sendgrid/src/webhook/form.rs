//! The form that a mail comes in: read to its very end, or not at all.

use std::{collections::HashMap, convert::Infallible};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::header::CONTENT_TYPE;
use memchr::memmem;
use multer::Multipart;

/// SendGrid names some twenty fields, and one for each file. Own choice: mail with more files is told whole.
const MAX_PARTS: usize = 1_000;
/// Of one part, as long as a header of the delivery may be. Own choice.
const MAX_HEADERS: usize = 8 * 1024;
/// RFC 2046, 5.1.1.
const MAX_BOUNDARY: usize = 70;

/// A field or a file.
pub(super) struct Part {
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: Bytes,
}

/// The fields and files by their names.
pub(super) struct Form(HashMap<String, Part>);

impl Form {
    /// `None` for what is no form, or one that somebody else may have written into: SendGrid's boundary is the same in each
    /// delivery (nodemailer/mailparser#303), so that a mail can hold it. A name that stands twice, and an end before the
    /// end, are the ways to replace a field that SendGrid writes.
    pub(super) fn read(body: &Bytes) -> Option<Self> {
        let boundary = boundary(body)?;
        let end = ["\r\n--", boundary, "--"].concat();
        let rest = body.get(memmem::find(body, end.as_bytes())? + end.len()..)?;
        if !rest.trim_ascii().is_empty() {
            return None;
        }
        let whole = stream::iter([Ok::<_, Infallible>(body.clone())]);
        // Nothing is waited for: the whole body is there.
        parts(Multipart::new(whole, boundary)).now_or_never()?
    }

    pub(super) fn get(&self, name: &str) -> Option<&Part> {
        self.0.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Part)> {
        self.0.iter().map(|(name, part)| (name.as_str(), part))
    }
}

/// What the body itself begins with. The delivery's header names it too, and is not signed.
fn boundary(body: &[u8]) -> Option<&str> {
    let line = body.get(..body.len().min(MAX_BOUNDARY + 4))?;
    let line = line.get(..memmem::find(line, b"\r\n")?)?;
    let boundary = str::from_utf8(line.strip_prefix(b"--")?).ok()?;
    let boundary = boundary.trim_end_matches([' ', '\t']);
    (!boundary.is_empty()).then_some(boundary)
}

async fn parts(mut form: Multipart<'_>) -> Option<Form> {
    let mut parts = HashMap::new();
    for _ in 0..MAX_PARTS {
        let Some(mut field) = form.next_field().await.ok()? else {
            return Some(Form(parts));
        };
        let headers = field.headers().iter();
        let length: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if length > MAX_HEADERS {
            return None;
        }
        let name = field.name()?.to_owned();
        let content_type = field.headers().get(CONTENT_TYPE);
        let part = Part {
            file_name: field.file_name().map(str::to_owned),
            content_type: content_type.and_then(|value| value.to_str().ok().map(str::to_owned)),
            // A body in one piece makes each part one, which is not copied.
            content: field.chunk().await.ok()?.unwrap_or_default(),
        };
        if field.chunk().await.ok()?.is_some() || parts.insert(name, part).is_some() {
            return None;
        }
    }
    None
}
