//! Scheduling emails and cancelling them, by a batch id that is created first.

use anyvendor_core::{
    Error, Kind,
    email::{CancelScheduled, ScheduleHandle},
    resilience::CallScope,
    values::VendorId,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    client::SendGrid,
    config::VENDOR,
    wire::{SendStatus, Shared},
};

/// How many hours ahead the vendor can schedule.
pub(super) const MAX_HOURS: u32 = 72;

impl SendGrid {
    /// Schedules a request under a new batch id, if it has a time to send at.
    ///
    /// If an error occurs here, no email was sent.
    pub(super) async fn schedule(
        &self,
        shared: &mut Shared<'_>,
        send_at: Option<Timestamp>,
        scope: &CallScope,
    ) -> Result<Option<ScheduleHandle>, Error> {
        let Some(send_at) = send_at else {
            return Ok(None);
        };
        shared.send_at = Some(seconds(send_at, self.now())?);
        let batch_id = self.create_batch(scope).await?;
        let handle = VendorId::new(VENDOR, batch_id.as_str())?;
        shared.batch_id = Some(batch_id);
        Ok(Some(ScheduleHandle(handle)))
    }

    /// Cancels a batch. The vendor rejects a second cancellation with 400: then the current status of the batch decides.
    pub(super) async fn cancel_batch(&self, request: &CancelScheduled) -> Result<(), Error> {
        let batch_id = request.handle.0.expect_vendor(VENDOR, "handle")?;
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !batch_id.bytes().all(is_id) {
            return Err(Error::invalid(
                "handle",
                "must be a batch id: letters, digits, - and _",
            ));
        }
        let scope = self.writing(&request.options);
        let refusal = match self.cancel(batch_id, &scope).await {
            Err(error) if *error.kind() == Kind::InvalidRequest => error,
            settled => return settled,
        };
        match self.scheduled(batch_id, &scope).await {
            Ok(Some(SendStatus::Cancel)) => Ok(()),
            Ok(Some(SendStatus::Pause)) => self.cancel_paused(batch_id, &scope).await,
            Ok(Some(SendStatus::Other(_)) | None) => Err(refusal),
            Err(error) if *error.kind() == Kind::NotFound => Err(error),
            Err(_) => Err(refusal),
        }
    }
}

/// The time to send at, in whole seconds.
fn seconds(send_at: Timestamp, now: Timestamp) -> Result<i64, Error> {
    let latest = now.saturating_add(SignedDuration::from_hours(i64::from(MAX_HOURS)));
    if send_at <= now {
        return Err(Error::invalid(
            "send_at",
            "is in the past; leave it out to send now",
        ));
    }
    if latest.is_ok_and(|latest| send_at > latest) {
        Err(Error::invalid(
            "send_at",
            "is more than 72 hours ahead, the vendor's limit",
        ))
    } else {
        Ok(send_at.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_within_72_hours() {
        let now: Timestamp = "2026-01-01T00:00:00.25Z".parse().unwrap();
        let at = |seconds, nanos| now + SignedDuration::new(seconds, nanos);
        for (moment, valid) in [
            (at(-1, 0), false),
            (at(0, 0), false),
            (at(0, 1), true),
            (at(72 * 3600, 0), true),
            (at(72 * 3600, 1), false),
        ] {
            assert_eq!(seconds(moment, now).is_ok(), valid, "{moment}");
        }
        assert_eq!(seconds(at(3600, 0), now).unwrap(), now.as_second() + 3600);
        assert!(seconds(Timestamp::MAX, now).is_err());
    }
}
