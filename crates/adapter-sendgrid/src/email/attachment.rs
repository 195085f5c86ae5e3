//! Files in SendGrid's wire format.

use anyvendor_core::{
    Error,
    email::{Attachment, Disposition},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::check::is_break;
use crate::{config::VENDOR, wire};

const FIELD: &str = "attachments";

/// A file in SendGrid's format.
pub(super) fn encode(attachment: &Attachment) -> Result<wire::Attachment<'_>, Error> {
    let filename = attachment.filename.as_str();
    if filename.is_empty() || filename.contains(['/', '\\']) || filename.chars().any(is_break) {
        let remedy =
            "a file's name must be a name without a path, a line break or a control character";
        return Err(Error::invalid(FIELD, remedy));
    }
    if attachment.content.is_empty() {
        return Err(Error::invalid(
            FIELD,
            "a file is empty; the vendor does not accept that",
        ));
    }
    let (disposition, content_id) = match &attachment.disposition {
        Disposition::Attachment => ("attachment", None),
        Disposition::Inline { content_id } => {
            let plain = |b: u8| b.is_ascii_graphic() && !b"<>\"';".contains(&b);
            if content_id.is_empty() || !content_id.bytes().all(plain) {
                let remedy =
                    "a content id must be visible ASCII without quotes, brackets or semicolons";
                return Err(Error::invalid(FIELD, remedy));
            }
            ("inline", Some(content_id.as_str()))
        }
    };
    Ok(wire::Attachment {
        media_type: media_type(&attachment.content_type)?,
        content: STANDARD.encode(&attachment.content),
        filename,
        disposition,
        content_id,
    })
}

/// The bare media type: the vendor rejects one with a semicolon (django-anymail#492) and reads every text as UTF-8.
fn media_type(content_type: &str) -> Result<&str, Error> {
    let mut parts = content_type.split(';').map(str::trim);
    let bare = parts.next().unwrap_or_default();
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    if !bare
        .split_once('/')
        .is_some_and(|(main, sub)| is_token(main) && is_token(sub))
    {
        return Err(Error::invalid(FIELD, "a type must be like application/pdf"));
    }
    for parameter in parts.filter(|parameter| !parameter.is_empty()) {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(Error::invalid(FIELD, "a type must be like application/pdf"));
        };
        if !name.trim().eq_ignore_ascii_case("charset") {
            return Err(Error::unsupported(
                VENDOR,
                "parameters of an attachment's type",
            ));
        }
        let charset = value.trim().trim_matches('"');
        if !["utf-8", "us-ascii"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(charset))
        {
            let remedy = "a text that is not UTF-8 arrives garbled; encode it as UTF-8";
            return Err(Error::invalid(FIELD, remedy));
        }
    }
    Ok(bare)
}

#[cfg(test)]
mod tests {
    use anyvendor_core::Kind;

    use super::*;

    #[test]
    fn media_types_are_sent_bare() {
        for (given, sent) in [
            ("application/pdf", "application/pdf"),
            ("text/plain; charset=utf-8", "text/plain"),
            ("text/csv;CHARSET=\"UTF-8\"", "text/csv"),
            ("image/svg+xml", "image/svg+xml"),
        ] {
            assert_eq!(media_type(given).unwrap(), sent);
        }
    }

    #[test]
    fn inexpressible_media_types_are_rejected() {
        for given in [
            "",
            "pdf",
            "text/",
            "text/plain\r\nX: y",
            "text/plain; charset=latin1",
            "a/b; c",
        ] {
            assert_eq!(
                media_type(given).unwrap_err().kind(),
                &Kind::InvalidRequest,
                "{given}"
            );
        }
        let invite = media_type("text/calendar; method=REQUEST").unwrap_err();
        assert_eq!(invite.kind(), &Kind::Unsupported);
    }
}
