//! Sending later, and cancelling it: under a batch id that is asked for first.

use anyvendor_core::{
    Delivery, Error, Kind,
    email::{CancelScheduled, ScheduleHandle},
    resilience::CallOptions,
    values::VendorId,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    client::{SendGrid, VENDOR},
    wire::{SendStatus, Shared},
};

/// How far ahead the vendor schedules.
pub(super) const MAX_HOURS: u32 = 72;

impl SendGrid {
    /// Schedules a request, if a moment is given, under a new batch id.
    ///
    /// Whatever goes wrong here, no mail was sent.
    pub(super) async fn schedule(
        &self,
        shared: &mut Shared<'_>,
        send_at: Option<Timestamp>,
        options: &CallOptions,
    ) -> Result<Option<ScheduleHandle>, Error> {
        let Some(send_at) = send_at else {
            return Ok(None);
        };
        shared.send_at = Some(seconds(send_at, self.now())?);
        let unsent = |error: Error| error.with_delivery(Delivery::NotSent);
        let batch_id = self.create_batch(options).await.map_err(unsent)?;
        let handle = VendorId::new(VENDOR, batch_id.as_str())?;
        shared.batch_id = Some(batch_id);
        Ok(Some(ScheduleHandle(handle)))
    }

    /// Cancels a batch. A second time the vendor answers 400: what stands there then settles it.
    pub(super) async fn cancel_batch(&self, request: &CancelScheduled) -> Result<(), Error> {
        let batch_id = request.handle.0.expect_vendor(VENDOR, "handle")?;
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !batch_id.bytes().all(is_id) {
            return Err(Error::invalid(
                "handle",
                "must be a batch id: letters, digits, - and _",
            ));
        }
        let time_left = self.time_left(&request.options);
        let refusal = match self.cancel(batch_id, &time_left()).await {
            Err(error) if *error.kind() == Kind::InvalidRequest => error,
            settled => return settled,
        };
        match self.scheduled(batch_id, &time_left()).await {
            Ok(Some(SendStatus::Cancel)) => Ok(()),
            Ok(Some(SendStatus::Pause)) => self.cancel_paused(batch_id, &time_left()).await,
            Ok(Some(SendStatus::Other(_)) | None) => Err(refusal),
            Err(error) if *error.kind() == Kind::NotFound => Err(error),
            Err(_) => Err(refusal),
        }
    }
}

/// The moment in whole seconds.
fn seconds(send_at: Timestamp, now: Timestamp) -> Result<i64, Error> {
    let latest = now.saturating_add(SignedDuration::from_hours(i64::from(MAX_HOURS)));
    if send_at <= now {
        return Err(Error::invalid(
            "send_at",
            "is past; leave it out to send now",
        ));
    }
    match latest.is_ok_and(|latest| send_at > latest) {
        true => Err(Error::invalid(
            "send_at",
            "is more than 72 hours ahead, the vendor's limit",
        )),
        false => Ok(send_at.as_second()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moment_lies_within_72_hours() {
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
