//! An email address with an optional display name, safe to use in a header.

use std::{borrow::Cow, fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use email_address::{EmailAddress as Checker, Options};

use super::{
    ValueError,
    text::{control_problem, position, serde_as_text},
};

const FIELD: &str = "email address";
const NAME_FIELD: &str = "email name";
const MAX_ADDRESS_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;
const MAX_NAME_CHARS: usize = 256;

/// An email address with an optional display name.
///
/// The address is `local@domain` of at most 254 bytes, 64 of them before the `@`. The domain has at least two labels
/// or is `localhost`; it is kept in lower case, an international one in its ASCII form (`xn--`), so that two spellings
/// of one domain are equal. The local part is kept as it is and may be international. Quoted local parts, comments and
/// addresses in brackets are rejected: email vendors do not accept them reliably.
///
/// Neither part can contain a line break. It is personal data: `Debug` hides it and there is no `Display`; serde
/// writes it in full, in the form that `FromStr` reads.
///
/// # Examples
/// ```
/// use anyvendor_core::values::EmailAddress;
///
/// let ann = EmailAddress::new("ann@Example.com")?.with_name("Ann, CEO")?;
/// assert_eq!(ann.to_header(), r#""Ann, CEO" <ann@example.com>"#);
/// assert_eq!("Ann <ann@example.com>".parse::<EmailAddress>()?.name(), Some("Ann"));
/// assert!(EmailAddress::new("ann@example.com\nBcc: eve@example.com").is_err());
/// assert_eq!(format!("{ann:?}"), "EmailAddress(REDACTED)");
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: String,
    at: usize,
    name: Option<String>,
}

impl EmailAddress {
    /// Parses an address without a name, such as `ann@example.com`.
    ///
    /// # Errors
    /// The address is not of the form above. Use `parse` for `Ann <ann@example.com>`.
    pub fn new(address: impl AsRef<str>) -> Result<Self, ValueError> {
        let address = address.as_ref();
        if let Some(problem) = control_problem(address) {
            return Err(ValueError::new(FIELD, problem, "remove it"));
        }
        if let Some(at) = position(address, |c| {
            c.is_whitespace() || "\"<>()[],;:\\".contains(c)
        }) {
            let problem = format!("contains a space, quote, bracket or separator at position {at}");
            return Err(ValueError::new(
                FIELD,
                problem,
                "write one address like ann@example.com",
            ));
        }
        let Some((local, domain)) = address.rsplit_once('@') else {
            return Err(ValueError::new(
                FIELD,
                "has no @",
                "write it like ann@example.com",
            ));
        };
        if local.len() > MAX_LOCAL_BYTES {
            let problem = format!("has {} bytes before the @", local.len());
            return Err(ValueError::new(FIELD, problem, "use at most 64"));
        }
        let domain = normal_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_ADDRESS_BYTES {
            let problem = format!("has {} bytes", address.len());
            return Err(ValueError::new(FIELD, problem, "use at most 254"));
        }
        let options = Options::default()
            .without_display_text()
            .without_domain_literal();
        if Checker::parse_with_options(&address, options).is_err() {
            let problem = "has a character or an empty part before the @ that email does not allow";
            return Err(ValueError::new(
                FIELD,
                problem,
                "write it like ann@example.com",
            ));
        }
        Ok(Self {
            at: local.len(),
            address,
            name: None,
        })
    }

    /// Adds a display name, such as `Ann, CEO`; it needs no quoting here.
    ///
    /// Spaces at its ends are removed; an empty name counts as no name.
    ///
    /// # Errors
    /// A line break or another control character, or more than 256 characters.
    pub fn with_name(mut self, name: impl AsRef<str>) -> Result<Self, ValueError> {
        let name = name.as_ref();
        if let Some(problem) = control_problem(name) {
            return Err(ValueError::new(NAME_FIELD, problem, "remove it"));
        }
        let name = name.trim();
        let count = name.chars().count();
        if count > MAX_NAME_CHARS {
            let problem = format!("has {count} characters");
            return Err(ValueError::new(NAME_FIELD, problem, "use at most 256"));
        }
        self.name = (!name.is_empty()).then(|| name.to_owned());
        Ok(self)
    }

    /// The address alone, such as `ann@example.com`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.address.get(..self.at).unwrap_or_default()
    }

    /// The part after the `@`, in lower case and in its ASCII form.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.get(self.at + 1..).unwrap_or_default()
    }

    /// The display name as people read it, without quotes.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Writes the mailbox as RFC 5322 defines it for a header, such as `"Ann, CEO" <ann@example.com>`.
    ///
    /// A name outside ASCII is written in encoded words (RFC 2047), so the result is ASCII unless the local part is
    /// international. It is not folded: it never contains a line break, and a long name in encoded words may need
    /// folding afterwards.
    #[must_use]
    pub fn to_header(&self) -> String {
        match &self.name {
            None => self.address.clone(),
            // A reader might treat a quoted `=?..?=` as an encoded word and decode its content.
            Some(name) if !name.is_ascii() || name.contains("=?") => {
                format!("{} <{}>", encoded_words(name), self.address)
            }
            Some(name) => format!("{} <{}>", phrase(name), self.address),
        }
    }
}

/// Converts the domain to lower case and ASCII, and checks it as a host name.
fn normal_domain(domain: &str) -> Result<String, ValueError> {
    let refuse = |problem| ValueError::new(FIELD, problem, "write the domain like example.com");
    let ascii = if domain.is_ascii() {
        domain.to_ascii_lowercase()
    } else if domain.contains('%') {
        // The host parser would decode percent signs.
        return Err(refuse("has a percent sign in the domain"));
    } else {
        match url::Host::parse(domain) {
            Ok(url::Host::Domain(ascii)) => ascii,
            _ => {
                return Err(refuse(
                    "has an international domain that does not exist in ASCII form",
                ));
            }
        }
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !ascii.split('.').all(is_label) {
        return Err(refuse(
            "has a domain that is not labels of letters, digits and inner dashes",
        ));
    }
    match ascii.rsplit_once('.') {
        None if ascii != "localhost" => Err(refuse("has a domain without a point")),
        Some((_, top)) if top.bytes().all(|b| b.is_ascii_digit()) => {
            Err(refuse("has a number for a top domain"))
        }
        _ => Ok(ascii),
    }
}

/// Writes a name as a phrase: bare if it consists of plain words, otherwise quoted.
fn phrase(name: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&b);
    if name.bytes().all(is_plain) && !name.contains("  ") {
        return Cow::Borrowed(name);
    }
    let escaped = name.replace('\\', r"\\").replace('"', r#"\""#);
    Cow::Owned(format!("\"{escaped}\""))
}

/// Writes a name as encoded words of at most 75 characters, split between characters.
fn encoded_words(name: &str) -> String {
    // 45 bytes are 60 in base64; `=?UTF-8?B?` and `?=` take 12 more.
    const MAX_WORD_BYTES: usize = 45;
    let mut words = vec![String::new()];
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= MAX_WORD_BYTES => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let words: Vec<_> = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join(" ")
}

/// Removes the quotes of a name; `None` if they do not match.
fn unquote(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut name = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => name.push(chars.next()?),
            _ => name.push(c),
        }
    }
    Some(name)
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(REDACTED)")
    }
}

/// Parses `ann@example.com`, `Ann <ann@example.com>` or `"Ann, CEO" <ann@example.com>`: one mailbox, not a list.
impl FromStr for EmailAddress {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim_matches(' ');
        let Some((name, address)) = text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        else {
            return Self::new(text);
        };
        let name = name.trim_matches(' ');
        if name.starts_with('"') {
            let name = unquote(name).ok_or_else(|| {
                ValueError::new(
                    NAME_FIELD,
                    "has quotes that do not match",
                    "write it like \"Ann, CEO\"",
                )
            })?;
            return Self::new(address)?.with_name(name);
        }
        if let Some(at) = position(name, |c| "\"<>,;\\".contains(c)) {
            let problem = format!("contains a quote, bracket or separator at position {at}");
            return Err(ValueError::new(
                NAME_FIELD,
                problem,
                "put the name in quotes, and give one address",
            ));
        }
        Self::new(address)?.with_name(name)
    }
}

impl EmailAddress {
    /// Writes the mailbox in the form that `FromStr` reads, with the name in plain letters.
    fn to_text(&self) -> Cow<'_, str> {
        match &self.name {
            None => Cow::Borrowed(&self.address),
            Some(name) => Cow::Owned(format!("{} <{}>", phrase(name), self.address)),
        }
    }
}

serde_as_text!(EmailAddress, "an email address", "^.*@.+$", this => this.to_text());

#[cfg(test)]
mod tests;
