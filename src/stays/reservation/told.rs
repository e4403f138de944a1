//! What others are told of reservations that came in.
//!
//! Of history nothing is told: a stay that is over when we first hear of it makes no event, nor does what is corrected of
//! it later. So the files of past years go in without a flood.

use super::stored::Fields;
use super::{Conn, QueryResult, Reservation};
use crate::outbox::{self, Event, Kind, vip};
use crate::recognition::{Decision, NAMED, Verdict};
use crate::stays::Status;

/// The events of a batch.
#[derive(Default)]
pub(super) struct Told {
    events: Vec<Event>,
    /// Whose guest was known before: a profile made for the booking is nobody's of importance.
    known: Vec<vip::Booked>,
}

/// What changed of a stay, by the names the API has for it.
fn changed(old: &Fields, new: &Fields) -> Vec<&'static str> {
    let fields = [
        ("guest_id", old.guest_id != new.guest_id),
        ("arrival", old.arrival != new.arrival),
        ("departure", old.departure != new.departure),
        ("room_type", old.room_type_id != new.room_type_id),
        ("room", old.room_id != new.room_id),
        (
            "rate",
            (old.rate_minor, &old.currency) != (new.rate_minor, &new.currency),
        ),
        (
            "channel",
            (old.channel, &old.agency) != (new.channel, &new.agency),
        ),
        (
            "guests",
            (old.adults, old.children) != (new.adults, new.children),
        ),
        ("requests", old.requests != new.requests),
    ];
    let changed = fields.into_iter().filter(|(_, is_other)| *is_other);
    changed.map(|(name, _)| name).collect()
}

impl Told {
    /// A stay that was not known.
    pub(super) fn made(
        &mut self,
        given: &Reservation,
        stay_id: i64,
        guest_id: i64,
        verdict: &Verdict,
    ) {
        if !given.is_news() {
            return;
        }
        let event = |kind| {
            Event::new(kind)
                .stay(stay_id, given.property_id)
                .guest(guest_id)
        };
        let status = given.status.unwrap_or(Status::Reserved);
        self.events.push(
            event(Kind::ReservationCreated)
                .dates(given.arrival, given.departure)
                .with("status", status.as_str()),
        );
        if verdict.decision != Decision::Linked {
            return;
        }
        let is_named = verdict.reasons == NAMED;
        let by = if is_named { "source" } else { "booking" };
        self.events.push(
            event(Kind::GuestRecognized)
                .with("by", by)
                .with("probability", verdict.probability),
        );
        if given.arrival >= given.today {
            self.known.push(vip::Booked {
                stay_id,
                property_id: given.property_id,
                guest_id,
                arrival: given.arrival,
                departure: given.departure,
            });
        }
    }

    /// A known stay, as it was and as it is.
    pub(super) fn changed(
        &mut self,
        given: &Reservation,
        stay_id: i64,
        old: &Fields,
        new: &Fields,
    ) {
        let event = |kind| {
            Event::new(kind)
                .stay(stay_id, given.property_id)
                .guest(new.guest_id)
                .dates(new.arrival, new.departure)
                .with("status", new.status.as_str())
        };
        if old.status != new.status {
            let event = event(Kind::of_status(new.status));
            self.events.push(event.with("changed", vec!["status"]));
        } else if new.departure >= given.today {
            let changed = changed(old, new);
            self.events
                .push(event(Kind::ReservationChanged).with("changed", changed));
        }
    }

    /// Tells it all, after what was told of wishes.
    pub(super) fn store(self, conn: &mut Conn, mut events: Vec<Event>) -> QueryResult<()> {
        events.extend(self.events);
        events.extend(vip::bookings(conn, &self.known)?);
        outbox::tell(conn, events)
    }
}
