//! Writing a stream in parts, with bounded memory. If a part fails, the whole upload fails.

use anyvendor_core::{
    Error, Kind,
    storage::{PutObject, PutOutcome, PutStream},
    transport::ByteStream,
};
use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream};

use super::{
    info::content_headers,
    upload::{MAX_PARTS, Part, Target, Upload},
};
use crate::{client::S3, encode::metadata_headers};

const MIB: u64 = 1024 * 1024;

impl S3 {
    pub(super) async fn upload_stream(&self, request: PutStream) -> Result<PutOutcome, Error> {
        let scope = self.pipeline.writing(&request.options);
        let mut source = Source {
            body: request.body,
            rest: Bytes::new(),
            length: request.length,
            part_size: self.config.part_size,
            number: 0,
            total: 0,
        };
        let size = source.next_size();
        let first = source.read(size).await?;
        if (first.len() as u64) < size {
            // A stream that fits into one part is one request.
            source.total = first.len() as u64;
            source.check_length()?;
            let put = PutObject::new(request.key, first)
                .with_content(request.content)
                .with_metadata(request.metadata)
                .with_condition(request.condition);
            return self.put_object_in(put, &scope).await;
        }
        let mut headers = content_headers(&request.content)?;
        headers.extend(metadata_headers(&request.metadata)?);
        let target = Target {
            key: request.key,
            headers,
            condition: request.condition,
            scope,
        };
        let upload = self.create_multipart_upload(target).await?;
        match send_all(&upload, source, first).await {
            Ok(parts) => upload.complete(parts).await,
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}

/// Sends all parts, a few at a time; the stream waits while they are in flight.
async fn send_all(upload: &Upload, source: Source, first: Bytes) -> Result<Vec<Part>, Error> {
    let limit = upload.s3.config.part_concurrency.get() as usize;
    let parts = stream::try_unfold((source, Some(first)), |(mut source, first)| async move {
        let part = source.part(first).await?;
        Ok::<_, Error>(part.map(|part| (part, (source, None))))
    });
    parts
        .map_ok(|(number, part)| upload.upload_part(number, part))
        .try_buffer_unordered(limit)
        .try_collect()
        .await
}

/// The caller's stream, cut into parts.
struct Source {
    body: ByteStream,
    /// The end of the last piece, which belongs to the next part.
    rest: Bytes,
    length: Option<u64>,
    part_size: u64,
    /// The number of parts so far.
    number: u32,
    /// The number of bytes in them.
    total: u64,
}

impl Source {
    /// The next part and its number; `None` at the end of the stream.
    async fn part(&mut self, first: Option<Bytes>) -> Result<Option<(u32, Bytes)>, Error> {
        let part = match first {
            Some(first) => first,
            None => self.read(self.next_size()).await?,
        };
        if part.is_empty() {
            self.check_length()?;
            return Ok(None);
        }
        self.number += 1;
        self.total += part.len() as u64;
        if self.length.is_some_and(|length| self.total > length) {
            return Err(wrong_length());
        }
        if u64::from(self.number) > MAX_PARTS {
            return Err(Error::invalid(
                "body",
                "needs more than the 10,000 parts that the vendor accepts",
            ));
        }
        Ok(Some((self.number, part)))
    }

    /// The size of the next part: at least as configured, and large enough that 10,000 parts hold everything. Where the
    /// length is unknown the size doubles every 1,000 parts.
    fn next_size(&self) -> u64 {
        match self.length {
            Some(length) => self
                .part_size
                .max(length.div_ceil(MAX_PARTS).next_multiple_of(MIB)),
            None => {
                let doublings = ((self.number + 1) / 1_000).min(9);
                self.part_size
                    .saturating_mul(1 << doublings)
                    .min(5 * 1024 * MIB)
            }
        }
    }

    /// Reads up to `size` bytes; fewer only at the end of the stream.
    async fn read(&mut self, size: u64) -> Result<Bytes, Error> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if self.rest.len() >= size {
            return Ok(self.rest.split_to(size));
        }
        let mut part = BytesMut::from(std::mem::take(&mut self.rest));
        while part.len() < size {
            let Some(mut piece) = self.body.try_next().await? else {
                break;
            };
            let room = size - part.len();
            if piece.len() > room {
                self.rest = piece.split_off(room);
            }
            part.extend_from_slice(&piece);
        }
        Ok(part.freeze())
    }

    fn check_length(&self) -> Result<(), Error> {
        match self.length {
            Some(announced) if announced != self.total => Err(wrong_length()),
            _ => Ok(()),
        }
    }
}

fn wrong_length() -> Error {
    Error::unsent(
        Kind::InvalidRequest,
        "length: the stream does not have the announced number of bytes",
    )
    .with_field("length")
}
