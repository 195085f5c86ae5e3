//! Reads a fuzzer's bytes as a delivery: a request as text, or edits of a genuine one.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;

use crate::webhook::harness::SignedDelivery;

/// More edits find nothing new and take time.
const MAX_EDITS: usize = 16;

/// Bytes that are neither a request nor edits are the body of a POST request.
pub(super) fn read(
    bytes: &[u8],
    genuine: &[SignedDelivery],
    now: Timestamp,
) -> (SignedDelivery, Timestamp) {
    let edits = bytes
        .split_first()
        .filter(|(first, _)| first.is_ascii_digit());
    if let Some((first, edits)) = edits
        && let Some(genuine) = genuine.get(usize::from(first % 16) % genuine.len().max(1))
    {
        return edited(genuine.clone(), edits, now);
    }
    request(bytes).unwrap_or_else(|| {
        let body = Bytes::copy_from_slice(bytes);
        (
            SignedDelivery::post("/webhooks/acme", "application/json", body),
            now,
        )
    })
}

/// `POST /webhooks/acme 1760000000`, the number being the time; headers, an empty line, the body.
fn request(bytes: &[u8]) -> Option<(SignedDelivery, Timestamp)> {
    let (first, mut rest) = line(bytes);
    let mut words = std::str::from_utf8(first).ok()?.split(' ');
    let (method, url, now) = (words.next()?, words.next()?, words.next()?);
    let now = Timestamp::from_second(now.parse().ok()?).ok()?;
    let mut headers = HeaderMap::new();
    while !rest.is_empty() {
        let (header, after) = line(rest);
        rest = after;
        if header.is_empty() {
            break;
        }
        let colon = header.iter().position(|byte| *byte == b':');
        let (name, value) = header.split_at(colon.unwrap_or(header.len()));
        let value = value.strip_prefix(b":").unwrap_or_default();
        let value = HeaderValue::from_bytes(value.trim_ascii());
        // A value that is not valid in a header never reaches a verifier.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), value) {
            headers.try_append(name, value).ok()?;
        }
    }
    let delivery = SignedDelivery {
        method: Method::from_bytes(method.as_bytes()).ok()?,
        url: url.to_owned(),
        headers,
        body: Bytes::copy_from_slice(rest),
    };
    Some((delivery, now))
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (line, rest.get(1..).unwrap_or_default())
}

/// The genuine delivery after the edits, and the time.
fn edited(
    mut delivery: SignedDelivery,
    mut script: &[u8],
    mut now: Timestamp,
) -> (SignedDelivery, Timestamp) {
    let names: Vec<_> = delivery.headers.keys().cloned().collect();
    for _ in 0..MAX_EDITS {
        let Some(edit) = Edit::read(&mut script) else {
            break;
        };
        match usize::from(edit.place) % (4 + names.len()) {
            0 => delivery.body = edit.splice(&delivery.body).into(),
            1 => {
                let url = edit.splice(delivery.url.as_bytes());
                delivery.url = String::from_utf8_lossy(&url).into_owned();
            }
            2 => {
                let second = now.as_second().wrapping_add(edit.number());
                now = Timestamp::from_second(second).unwrap_or(now);
            }
            3 => delivery.method = Method::from_bytes(edit.bytes).unwrap_or(Method::GET),
            header => {
                if let Some(name) = names.get(header - 4) {
                    edit.header(&mut delivery.headers, name);
                }
            }
        }
    }
    (delivery, now)
}

/// One edit: its place, its kind, where it begins (two bytes), how long it is, and that many bytes unless it cuts.
struct Edit<'a> {
    place: u8,
    kind: Kind,
    start: u16,
    length: u8,
    bytes: &'a [u8],
}

enum Kind {
    Overwrite,
    Insert,
    Cut,
    /// In place of all; of a header, beside what is there.
    Whole,
}

impl<'a> Edit<'a> {
    fn read(script: &mut &'a [u8]) -> Option<Self> {
        let (&[place, kind, low, high, length], rest) = script.split_first_chunk()?;
        let kind = match kind % 4 {
            0 => Kind::Overwrite,
            1 => Kind::Insert,
            2 => Kind::Cut,
            _ => Kind::Whole,
        };
        let many = match kind {
            Kind::Cut => 0,
            _ => rest.len().min(length.into()),
        };
        let (bytes, rest) = rest.split_at(many);
        *script = rest;
        Some(Self {
            place,
            kind,
            start: u16::from_le_bytes([low, high]),
            length,
            bytes,
        })
    }

    fn splice(&self, text: &[u8]) -> Vec<u8> {
        let start = usize::from(self.start) % (text.len() + 1);
        let end = text.len().min(start + usize::from(self.length));
        let range = match self.kind {
            Kind::Overwrite | Kind::Cut => start..end,
            Kind::Insert => start..start,
            Kind::Whole => 0..text.len(),
        };
        let mut text = text.to_vec();
        text.splice(range, self.bytes.iter().copied());
        text
    }

    /// The bytes as a number of either sign.
    fn number(&self) -> i64 {
        let sign = self.bytes.first().map_or(0, |byte| -i64::from(byte >> 7));
        let digits = self.bytes.iter();
        digits.fold(sign, |number, byte| number << 8 | i64::from(*byte))
    }

    /// What is left empty is taken away.
    fn header(&self, headers: &mut HeaderMap, name: &HeaderName) {
        let old = headers.get(name).map(HeaderValue::as_bytes);
        let Ok(value) = HeaderValue::from_bytes(&self.splice(old.unwrap_or_default())) else {
            return;
        };
        match self.kind {
            _ if value.is_empty() => drop(headers.remove(name)),
            Kind::Whole => drop(headers.append(name, value)),
            _ => drop(headers.insert(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::receive::{NOW, at};

    fn read(bytes: &[u8], genuine: &[SignedDelivery]) -> (SignedDelivery, Timestamp) {
        super::read(bytes, genuine, at(NOW))
    }

    fn genuine() -> Vec<SignedDelivery> {
        vec![SignedDelivery::post("/webhooks/acme", "text/plain", "abc").with_header("acme", "v1")]
    }

    #[test]
    fn a_request_is_read_as_it_stands() {
        let text = b"PUT /x?y 17\nacme: one\nacme:two\n\xff: no\n\na\n\nb";
        let (delivery, now) = read(text, &genuine());
        assert_eq!(
            (delivery.method.as_str(), delivery.url.as_str()),
            ("PUT", "/x?y")
        );
        assert_eq!((now.as_second(), &delivery.body[..]), (17, &b"a\n\nb"[..]));
        let values: Vec<_> = delivery.headers.get_all("acme").iter().collect();
        assert_eq!(values, ["one", "two"]);
    }

    #[test]
    fn edits_reach_every_place() {
        let edit = |edits: &[u8]| read(&[b"0", edits].concat(), &genuine());
        assert_eq!(&edit(b"").0.body[..], b"abc");
        assert_eq!(&edit(b"\x00\x00\x01\x00\x01X").0.body[..], b"aXc");
        assert_eq!(&edit(b"\x00\x01\x01\x00\x01X").0.body[..], b"aXbc");
        assert_eq!(
            &edit(b"\x00\x02\x01\x00\x09\x00\x03\x00\x00\x02XY").0.body[..],
            b"XY"
        );
        assert_eq!(edit(b"\x01\x02\x01\x00\xff").0.url, "/");
        let later = |shift: &[u8]| edit(&[b"\x02\x00\x00\x00\x02", shift].concat()).1;
        assert_eq!(later(b"\x01\x00").as_second(), 1_760_000_256);
        assert_eq!(later(b"\xff\xfe").as_second(), 1_759_999_998);
        assert_eq!(edit(b"\x03\x00\x00\x00\x03PUT").0.method, Method::PUT);
        // The headers in the map's order.
        let (delivery, _) = edit(b"\x05\x03\x00\x00\x02v2\x04\x03\x00\x00\x00");
        let counts =
            ["content-type", "acme"].map(|name| delivery.headers.get_all(name).iter().count());
        assert_eq!(counts.iter().sum::<usize>(), 2, "{counts:?}");
    }

    #[test]
    fn all_else_is_a_body() {
        for body in [&b""[..], b"[]", b"\xff", b"POST /x"] {
            assert_eq!(&read(body, &genuine()).0.body[..], body);
        }
        assert_eq!(&read(b"7", &[]).0.body[..], b"7");
    }
}
