//! The `x-amz-checksum-*` values: declared, computed, combined from parts, and returned:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use http::{HeaderMap, StatusCode};
use s3s::checksum::ChecksumHasher;
use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::error::{custom_error, invalid_request, s3_error};

/// A checksum algorithm that the emulator computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The length of a value, in bytes.
    fn width(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// The algorithm of a create-multipart or copy request.
    pub(super) fn requested(algorithm: Option<&ChecksumAlgorithm>) -> S3Result<Option<Self>> {
        let Some(wanted) = algorithm.map(ChecksumAlgorithm::as_str) else {
            return Ok(None);
        };
        match Self::ALL.into_iter().find(|a| a.name() == wanted) {
            Some(algorithm) => Ok(Some(algorithm)),
            None => Err(invalid_request(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
            )),
        }
    }

    pub(super) fn dto(self) -> ChecksumAlgorithm {
        ChecksumAlgorithm::from_static(self.name())
    }

    pub(super) fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        self.enable(&mut hasher);
        hasher
    }

    /// Makes a hasher compute this algorithm too.
    pub(super) fn enable(self, hasher: &mut ChecksumHasher) {
        match self {
            Self::Crc32 => hasher.crc32 = Some(Default::default()),
            Self::Crc32c => hasher.crc32c = Some(Default::default()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Default::default()),
            Self::Sha1 => hasher.sha1 = Some(Default::default()),
            Self::Sha256 => hasher.sha256 = Some(Default::default()),
        }
    }

    /// The value of this algorithm in a set of values.
    pub(super) fn pick(self, of: &Checksum) -> Option<String> {
        let value = match self {
            Self::Crc32 => &of.checksum_crc32,
            Self::Crc32c => &of.checksum_crc32c,
            Self::Crc64Nvme => &of.checksum_crc64nvme,
            Self::Sha1 => &of.checksum_sha1,
            Self::Sha256 => &of.checksum_sha256,
        };
        value.clone()
    }

    /// Whether the checksum of an upload is composite if the request does not say it.
    pub(super) fn default_composite(self) -> bool {
        self != Self::Crc64Nvme
    }

    /// Whether the algorithm supports `COMPOSITE` checksums, or `FULL_OBJECT` ones if `composite` is false.
    pub(super) fn supports(self, composite: bool) -> bool {
        match self {
            Self::Crc64Nvme => !composite,
            Self::Sha1 | Self::Sha256 => composite,
            Self::Crc32 | Self::Crc32c => true,
        }
    }
}

/// A computed checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) algorithm: Algorithm,
    /// The value in base64; a composite value ends in `-<number of parts>`.
    pub(super) value: String,
    pub(super) composite: bool,
}

impl Sum {
    pub(super) fn of(algorithm: Algorithm, hasher: ChecksumHasher) -> Self {
        Self::from_values(algorithm, &hasher.finalize())
    }

    /// The checksum of one algorithm among several that were computed in one pass.
    pub(super) fn from_values(algorithm: Algorithm, values: &Checksum) -> Self {
        let value = algorithm.pick(values).unwrap_or_default();
        Self {
            algorithm,
            value,
            composite: false,
        }
    }

    /// The checksum of a whole object, from the checksums and lengths of its parts.
    pub(super) fn combine(algorithm: Algorithm, composite: bool, parts: &[(Self, u64)]) -> Self {
        let raw = |sum: &Self| STANDARD.decode(&sum.value).unwrap_or_default();
        if let Some(crc) = algorithm.crc().filter(|_| !composite) {
            let number = |sum: &Self| {
                raw(sum)
                    .into_iter()
                    .fold(0_u64, |n, byte| (n << 8) | u64::from(byte))
            };
            let combined = parts.iter().map(|(sum, len)| (number(sum), *len)).reduce(
                |(left, left_len), (right, len)| {
                    (
                        crc_fast::checksum_combine(crc, left, right, len),
                        left_len + len,
                    )
                },
            );
            let bytes = combined.map_or(0, |(value, _)| value).to_be_bytes();
            let tail = bytes
                .get(bytes.len() - algorithm.width()..)
                .unwrap_or_default();
            return Self {
                algorithm,
                value: STANDARD.encode(tail),
                composite: false,
            };
        }
        let mut hasher = algorithm.hasher();
        for (sum, _) in parts {
            hasher.update(&raw(sum));
        }
        let mut sum = Self::of(algorithm, hasher);
        sum.value = format!("{}-{}", sum.value, parts.len());
        sum.composite = true;
        sum
    }

    pub(super) fn kind(&self) -> ChecksumType {
        ChecksumType::from_static(if self.composite {
            ChecksumType::COMPOSITE
        } else {
            ChecksumType::FULL_OBJECT
        })
    }

    /// The value in the field of its algorithm.
    pub(super) fn fields(&self) -> Checksum {
        let mut out = Checksum::default();
        let value = Some(self.value.clone());
        match self.algorithm {
            Algorithm::Crc32 => out.checksum_crc32 = value,
            Algorithm::Crc32c => out.checksum_crc32c = value,
            Algorithm::Crc64Nvme => out.checksum_crc64nvme = value,
            Algorithm::Sha1 => out.checksum_sha1 = value,
            Algorithm::Sha256 => out.checksum_sha256 = value,
        }
        out
    }
}

/// The checksum that a request declares for its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Nothing,
    /// The value is in a header.
    Value(Algorithm, String),
    /// The value follows the body.
    Trailer(Algorithm),
}

impl Declared {
    pub(super) fn read(headers: &HeaderMap) -> S3Result<Self> {
        let mut found = Self::Nothing;
        for algorithm in Algorithm::ALL {
            let Some(value) = headers.get(algorithm.header()) else {
                continue;
            };
            if found != Self::Nothing {
                return Err(invalid_request(
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
                ));
            }
            found = Self::Value(
                algorithm,
                well_formed(algorithm, value.to_str().unwrap_or_default())?,
            );
        }
        if found == Self::Nothing
            && let Some(trailer) = headers.get("x-amz-trailer").and_then(|v| v.to_str().ok())
        {
            let named = |a: &Algorithm| {
                trailer
                    .split(',')
                    .any(|name| name.trim().eq_ignore_ascii_case(a.header()))
            };
            found = Algorithm::ALL
                .into_iter()
                .find(named)
                .map_or(Self::Nothing, Self::Trailer);
        }
        Ok(found)
    }

    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Nothing => None,
            Self::Value(algorithm, _) | Self::Trailer(algorithm) => Some(*algorithm),
        }
    }

    /// Compares the declared with the computed checksum; `trailers` are the headers after the body.
    pub(super) fn verify(&self, computed: &Sum, trailers: Option<&HeaderMap>) -> S3Result<()> {
        let (algorithm, expected) = match self {
            Self::Nothing => return Ok(()),
            Self::Value(algorithm, value) => (*algorithm, value.clone()),
            Self::Trailer(algorithm) => {
                let value = trailers
                    .and_then(|t| t.get(algorithm.header()))
                    .and_then(|v| v.to_str().ok());
                let Some(value) = value else {
                    let message = "The request contained trailing data that was not well-formed or did not conform to our published schema.";
                    return Err(custom_error(
                        "MalformedTrailerError",
                        StatusCode::BAD_REQUEST,
                        message,
                        &[],
                    ));
                };
                (*algorithm, well_formed(*algorithm, value)?)
            }
        };
        if computed.algorithm == algorithm && computed.value == expected {
            Ok(())
        } else {
            Err(mismatch(algorithm))
        }
    }
}

/// The error for a checksum that does not match.
pub(super) fn mismatch(algorithm: Algorithm) -> S3Error {
    s3_error(
        S3ErrorCode::BadDigest,
        format!(
            "The {} you specified did not match the calculated checksum.",
            algorithm.name()
        ),
        &[],
    )
}

/// The value, if it is base64 of the right length.
fn well_formed(algorithm: Algorithm, value: &str) -> S3Result<String> {
    match STANDARD.decode(value) {
        Ok(raw) if raw.len() == algorithm.width() => Ok(value.to_owned()),
        _ => Err(invalid_request(format!(
            "Value for {} header is invalid.",
            algorithm.header()
        ))),
    }
}

/// Writes a checksum into the checksum fields that many outputs of `s3s` have.
macro_rules! echo_sum {
    ($out:expr, $sum:expr) => {{
        let fields = $sum.fields();
        $out.checksum_crc32 = fields.checksum_crc32;
        $out.checksum_crc32c = fields.checksum_crc32c;
        $out.checksum_crc64nvme = fields.checksum_crc64nvme;
        $out.checksum_sha1 = fields.checksum_sha1;
        $out.checksum_sha256 = fields.checksum_sha256;
    }};
}
pub(super) use echo_sum;

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(algorithm: Algorithm, data: &[u8]) -> Sum {
        let mut hasher = algorithm.hasher();
        hasher.update(data);
        Sum::of(algorithm, hasher)
    }

    #[test]
    fn computes_the_published_check_values() {
        for (algorithm, value) in [
            (Algorithm::Crc32, "y/Q5Jg=="),
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Crc64Nvme, "rosUhgp5mIg="),
        ] {
            assert_eq!(
                sum(algorithm, b"123456789").value,
                value,
                "{}",
                algorithm.name()
            );
        }
    }

    #[test]
    fn full_object_values_combine_and_composites_count_their_parts() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: Vec<_> = [b"123".as_slice(), b"4567", b"89"]
                .iter()
                .map(|p| (sum(algorithm, p), p.len() as u64))
                .collect();
            assert_eq!(
                Sum::combine(algorithm, false, &parts),
                sum(algorithm, b"123456789")
            );
        }
        let parts = [
            (sum(Algorithm::Sha256, b"a"), 1),
            (sum(Algorithm::Sha256, b"b"), 1),
        ];
        let composite = Sum::combine(Algorithm::Sha256, true, &parts);
        assert!(composite.composite && composite.value.ends_with("-2"));
    }
}
