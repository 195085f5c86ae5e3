//! Places for deliveries in flight: each endpoint has some of its own, so that no other endpoint can take them all.

use std::sync::Arc;

use anyvendor_core::webhook::{DEFAULT_MAX_BODY, WebhookError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of one endpoint: its own, and those that it shares with the others.
#[derive(Debug, Clone)]
pub(super) struct Places {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
    /// Its own and the shared ones, taken and free.
    total: usize,
}

impl Places {
    /// Divides places between endpoints: one half belongs to single endpoints, in equal parts of at least one place each; the
    /// other half is shared.
    pub(super) fn divide(count: usize, endpoints: usize) -> impl FnMut() -> Self {
        let count = count.min(Semaphore::MAX_PERMITS);
        let own = (count / (2 * endpoints.max(1))).max(1);
        let rest = count.saturating_sub(own * endpoints);
        let shared = Arc::new(Semaphore::new(rest));
        move || Self {
            own: Arc::new(Semaphore::new(own)),
            shared: Arc::clone(&shared),
            total: own + rest,
        }
    }

    /// A delivery without a place yet.
    pub(super) fn none(&self) -> Taken {
        Taken {
            places: self.clone(),
            own: None,
            shared: None,
        }
    }
}

/// The places that one delivery has taken. They are free again once it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    places: Places,
    own: Option<OwnedSemaphorePermit>,
    shared: Option<OwnedSemaphorePermit>,
}

impl Taken {
    /// Takes more places, up to what this many bytes cost: a place for each MiB, and at least one. A delivery that costs more
    /// than the endpoint has takes all of them.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), WebhookError> {
        let wanted = bytes.div_ceil(DEFAULT_MAX_BODY).clamp(1, self.places.total);
        while self.count() < wanted {
            let (from, to) = if self.places.own.available_permits() > 0 {
                (&self.places.own, &mut self.own)
            } else {
                (&self.places.shared, &mut self.shared)
            };
            let permit = Arc::clone(from).try_acquire_owned();
            let permit = permit.map_err(|_| WebhookError::Busy)?;
            match to {
                Some(taken) => taken.merge(permit),
                None => *to = Some(permit),
            }
        }
        Ok(())
    }

    /// The number of places taken.
    fn count(&self) -> usize {
        let of = |taken: &Option<OwnedSemaphorePermit>| {
            taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
        };
        of(&self.own) + of(&self.shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = DEFAULT_MAX_BODY;

    #[test]
    fn sf01_an_endpoint_keeps_places_of_its_own() {
        let mut each = Places::divide(8, 2);
        let (mail, cards) = (each(), each());
        let mut strangers = Vec::new();
        let taken = loop {
            let mut one = mail.none();
            if one.charge(1).is_err() {
                break strangers.len();
            }
            strangers.push(one);
        };
        assert_eq!(taken, 6, "two of its own and four shared ones");
        let mut genuine = [cards.none(), cards.none(), cards.none()];
        assert!(genuine[0].charge(1).is_ok() && genuine[1].charge(MIB).is_ok());
        assert!(matches!(genuine[2].charge(1), Err(WebhookError::Busy)));
        strangers.clear();
        assert!(genuine[2].charge(1).is_ok());
    }

    #[test]
    fn sf01_bytes_are_charged_as_they_arrive() {
        let mut each = Places::divide(8, 1);
        let places = each();
        let mut long = places.none();
        assert_eq!(long.count(), 0, "a head costs nothing");
        for (bytes, count) in [(0, 1), (1, 1), (MIB, 1), (MIB + 1, 2), (3 * MIB, 3), (0, 3)] {
            long.charge(bytes).unwrap();
            assert_eq!(long.count(), count, "{bytes} bytes");
        }
        long.charge(usize::MAX).unwrap();
        assert_eq!(long.count(), 8, "all that there are");
        assert!(places.none().charge(1).is_err());
        drop(long);
        assert!(places.none().charge(8 * MIB).is_ok());
    }

    #[test]
    fn every_endpoint_has_a_place_at_least() {
        let mut each = Places::divide(1, 3);
        for places in [each(), each(), each()] {
            assert!(places.none().charge(1).is_ok());
        }
    }
}
