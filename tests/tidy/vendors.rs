//! The names of vendors, and lines that hold one.

/// The names of vendors that could slip into code that must name none. "Segment" is missing: the word has other uses.
pub(crate) const VENDORS: [&str; 13] = [
    "amazon",
    "aws",
    "gcs",
    "hubspot",
    "mailgun",
    "minio",
    "mixpanel",
    "paypal",
    "s3",
    "salesforce",
    "sendgrid",
    "stripe",
    "twilio",
];

/// Whether the line names a vendor, as a word or within a name such as `StripeConfig` or `stripe_key`.
pub(crate) fn names_vendor(line: &str) -> bool {
    let small = line.to_ascii_lowercase();
    VENDORS.iter().any(|name| {
        small.match_indices(name).any(|(at, _)| {
            let (before, rest) = line.split_at_checked(at).unwrap_or_default();
            let after = rest.get(name.len()..).unwrap_or_default();
            let begins_word = before.chars().next_back().is_none_or(|letter| {
                let is_hump = letter.is_ascii_lowercase() && !rest.starts_with(char::is_lowercase);
                is_hump || !letter.is_ascii_alphanumeric()
            });
            let ends_word = after
                .chars()
                .next()
                .is_none_or(|letter| !letter.is_ascii_lowercase() && !letter.is_ascii_digit());
            begins_word && ends_word
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_within_a_name_is_noticed() {
        for line in [
            "StripeConfig",
            "stripe_key",
            "MY_S3",
            "S3Config",
            "MyS3",
            "a.twilio()",
            "\"https://api.paypal.com\"",
        ] {
            assert!(names_vendor(line), "{line}");
        }
        for line in ["stripes", "draws", "s3s::dto", "md5s3x", "laws", "VKS3GR"] {
            assert!(!names_vendor(line), "{line}");
        }
    }
}
