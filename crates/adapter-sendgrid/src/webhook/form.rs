//! The form of an inbound email: read completely, or rejected.

use std::{collections::HashMap, convert::Infallible};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::header::CONTENT_TYPE;
use memchr::memmem;
use multer::Multipart;

/// SendGrid sends about twenty fields, and one for each file. An email with more than this is reported as unreadable. Our default, without a vendor source.
const MAX_PARTS: usize = 1_000;
/// The most bytes of the headers of one part. Our default, without a vendor source.
const MAX_HEADERS: usize = 8 * 1024;
/// The longest boundary; see RFC 2046, 5.1.1.
const MAX_BOUNDARY: usize = 70;

/// A field or a file of the form.
pub(super) struct Part {
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: Bytes,
}

/// The fields and files by their names.
pub(super) struct Form(HashMap<String, Part>);

impl Form {
    /// Reads a form; `None` if the body is not a form, or one that an email may have changed: SendGrid's boundary is the same
    /// in each delivery (nodemailer/mailparser#303), so an email can contain it. A repeated name, and an end before the end,
    /// are the ways to replace a field that SendGrid writes.
    pub(super) fn read(body: &Bytes) -> Option<Self> {
        let boundary = boundary(body)?;
        let end = ["\r\n--", boundary, "--"].concat();
        let rest = body.get(memmem::find(body, end.as_bytes())? + end.len()..)?;
        if !rest.trim_ascii().is_empty() {
            return None;
        }
        let whole = stream::iter([Ok::<_, Infallible>(body.clone())]);
        // The whole body is in memory, so nothing has to be awaited.
        parts(Multipart::new(whole, boundary)).now_or_never()?
    }

    pub(super) fn get(&self, name: &str) -> Option<&Part> {
        self.0.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Part)> {
        self.0.iter().map(|(name, part)| (name.as_str(), part))
    }
}

/// The boundary with which the body begins. The delivery's header names it too, but the header is not signed.
fn boundary(body: &[u8]) -> Option<&str> {
    let line = body.get(..body.len().min(MAX_BOUNDARY + 4))?;
    let line = line.get(..memmem::find(line, b"\r\n")?)?;
    let boundary = str::from_utf8(line.strip_prefix(b"--")?).ok()?;
    let boundary = boundary.trim_end_matches([' ', '\t']);
    (!boundary.is_empty()).then_some(boundary)
}

async fn parts(mut form: Multipart<'_>) -> Option<Form> {
    let mut parts = HashMap::new();
    while let Some(mut field) = form.next_field().await.ok()? {
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
            // The reader copies the body once, and as that is one chunk, each part is a slice of the copy.
            content: field.chunk().await.ok()?.unwrap_or_default(),
        };
        let is_whole = field.chunk().await.ok()?.is_none();
        if !is_whole || parts.len() == MAX_PARTS || parts.insert(name, part).is_some() {
            return None;
        }
    }
    Some(Form(parts))
}
