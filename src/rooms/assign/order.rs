//! Who comes first where two want the same: an order that everybody may see.

use std::cmp::Reverse;

use super::Arrival;
use crate::text_enum;

text_enum! {
    /// What decides between two guests, in this order.
    pub enum Ground {
        /// Who needs more of a room.
        Needs = "needs",
        /// The higher tier.
        Tier = "tier",
        /// Something is still to be put right.
        OpenCase = "open_case",
        /// The longer stay.
        Nights = "nights",
        /// Who is expected earlier, then who booked first.
        Time = "time",
    }
}

/// The places of the arrivals, who comes first first.
pub fn order(arrivals: &[Arrival]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..arrivals.len()).collect();
    places.sort_by_cached_key(|&at| arrivals.get(at).map(key));
    places
}

type Key = (
    Reverse<usize>,
    Reverse<i64>,
    Reverse<bool>,
    Reverse<i64>,
    Option<i64>,
    i64,
);

fn key(arrival: &Arrival) -> Key {
    (
        Reverse(needs(arrival)),
        Reverse(arrival.tier),
        Reverse(arrival.has_open_case),
        Reverse(arrival.nights),
        arrival.asked.arrives_at,
        arrival.stay_id,
    )
}

fn needs(arrival: &Arrival) -> usize {
    let wishes = arrival.asked.wishes.iter();
    wishes
        .filter(|wish| wish.is_need() && wish.feature.is_of_a_room())
        .count()
}

/// Why the first of two comes before the second.
pub fn ground(first: &Arrival, second: &Arrival) -> Ground {
    if needs(first) != needs(second) {
        Ground::Needs
    } else if first.tier != second.tier {
        Ground::Tier
    } else if first.has_open_case != second.has_open_case {
        Ground::OpenCase
    } else if first.nights != second.nights {
        Ground::Nights
    } else {
        Ground::Time
    }
}
