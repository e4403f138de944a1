//! Who may be written to, on which of the occasions that fall on a day; and if not, why. Pure.

use chrono::{NaiveDate, NaiveDateTime};

use super::settings::Settings;
use super::{Occasion, Purpose};
use crate::text_enum;

text_enum! {
    /// Why somebody is not written to.
    pub enum WhyNot {
        /// The guest has died.
        Deceased = "deceased",
        /// The guest asked to be forgotten.
        Erased = "erased",
        /// No address is known.
        NoAddress = "no_address",
        /// The only address is an agency's relay, which is for one booking.
        RelayAddress = "relay_address",
        /// A letter to the address came back for good.
        Bounced = "bounced",
        /// The receiver's mail program was told that it is spam.
        Complained = "complained",
        /// The guest unsubscribed.
        Unsubscribed = "unsubscribed",
        /// The guest said no.
        SaidNo = "said_no",
        /// The staff decided so.
        Staff = "staff",
        /// Nobody asked the guest.
        NoConsent = "no_consent",
        /// A complaint is open: first it is put right.
        OpenCase = "open_case",
        /// The guest is in the house, and is told in person.
        StayingNow = "staying_now",
        /// The occasion is switched off.
        Paused = "paused",
        /// A stronger occasion falls on the same day.
        Stronger = "stronger",
        /// A letter is planned for that day already.
        AlreadyToday = "already_today",
        /// There were enough letters these thirty days.
        Enough = "enough",
        /// The address is not theirs any more, or letters to it come back.
        AddressChanged = "address_changed",
        /// The stay is not what it was: cancelled, moved, or the guest did not come.
        StayChanged = "stay_changed",
        /// The points or the tier are not what they were.
        MembershipChanged = "membership_changed",
        /// Its time is over.
        TooLate = "too_late",
    }
}

/// What was agreed or refused once, for mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// For what.
    pub purpose: Purpose,
    /// Yes or no.
    pub granted: bool,
    /// Whether the guest said it to us, not a file or another system.
    pub by_guest: bool,
    /// When.
    pub at: NaiveDateTime,
}

/// A reason not to write, with what it is about; none is everything.
pub type Stop = (WhyNot, Option<Purpose>);

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Whether there is an address of their own.
    pub has_address: bool,
    /// Whether there is a relay's.
    pub has_relay: bool,
    /// All that was agreed or refused.
    pub said: Vec<Said>,
    /// Reasons that hold.
    pub stops: Vec<Stop>,
    /// Whether a complaint is open.
    pub has_open_case: bool,
    /// Whether they are in one of the houses.
    pub is_staying: bool,
    /// Whether a letter is planned for the day already.
    pub is_written_to: bool,
    /// Letters of the thirty days before, by occasion and day.
    pub told: Vec<(Occasion, NaiveDate)>,
    /// Letters that are not about a stay, in the thirty days before.
    pub lately: i64,
}

impl Known {
    /// What holds of all that was said for a purpose: the guest's own last word, else the last word of anybody; but a no that
    /// somebody heard after the guest's yes holds too.
    pub fn word(&self, purpose: Purpose) -> Option<&Said> {
        let last = |by_guest: bool| {
            let of_purpose = self.said.iter().filter(|said| said.purpose == purpose);
            let own = of_purpose.filter(|said| said.by_guest == by_guest);
            own.max_by_key(|said| (said.at, !said.granted))
        };
        match (last(true), last(false)) {
            (Some(own), Some(other)) if own.granted && !other.granted && other.at > own.at => {
                Some(other)
            }
            (own, other) => own.or(other),
        }
    }

    /// Why this person is not written to on an occasion, whatever else falls on the day.
    pub fn why_not(&self, occasion: Occasion, settings: &Settings) -> Option<WhyNot> {
        let purpose = occasion.purpose();
        let stop = self
            .stops
            .iter()
            .filter(|(_, about)| about.is_none_or(|about| about == purpose))
            .map(|(why, _)| *why)
            .min();
        if let Some(why @ (WhyNot::Deceased | WhyNot::Erased)) = stop {
            return Some(why);
        }
        if !self.has_address {
            return Some(if self.has_relay {
                WhyNot::RelayAddress
            } else {
                WhyNot::NoAddress
            });
        }
        let checks = [
            (
                self.word(purpose).is_some_and(|said| !said.granted),
                WhyNot::SaidNo,
            ),
            (
                !occasion.is_about_stay() && self.word(purpose).is_none(),
                WhyNot::NoConsent,
            ),
            (self.has_open_case, WhyNot::OpenCase),
            (
                self.is_staying && occasion != Occasion::Welcome,
                WhyNot::StayingNow,
            ),
            (settings.pauses(occasion), WhyNot::Paused),
            (
                !occasion.is_about_stay() && self.lately >= settings.a_month,
                WhyNot::Enough,
            ),
        ];
        stop.or_else(|| {
            let failed = checks.into_iter().find(|(fails, _)| *fails);
            failed.map(|(_, why)| why)
        })
    }
}

/// What is done about the occasions of a day: at most one is written for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The occasion to write for, by its place in the list.
    pub send: Option<usize>,
    /// The others, by their place, and why not.
    pub refused: Vec<(usize, WhyNot)>,
}

/// Decides about the occasions that fall on one day for one person.
pub fn decide(known: &Known, due: &[Occasion], settings: &Settings) -> Verdict {
    let mut order: Vec<(usize, Occasion)> = due.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, occasion)| *occasion);
    let mut verdict = Verdict::default();
    for (index, occasion) in order {
        let why = match known.why_not(occasion, settings) {
            Some(why) => why,
            None if known.is_written_to => WhyNot::AlreadyToday,
            None if verdict.send.is_some() => WhyNot::Stronger,
            None => {
                verdict.send = Some(index);
                continue;
            }
        };
        verdict.refused.push((index, why));
    }
    verdict
}

/// Whether a letter belongs to the sample that is not sent. The same person is in it for the whole year, so that one
/// letter does not make up for another.
pub fn is_held_back(person_id: i64, year: i32, percent: i64) -> bool {
    // SplitMix64: neighbouring ids fall apart, and every node comes to the same answer.
    let mut x = person_id.cast_unsigned() ^ (u64::from(year.unsigned_abs()) << 40);
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    i64::try_from(x % 100).is_ok_and(|dice| dice < percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> NaiveDateTime {
        let day = NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
        day.and_hms_opt(12, 0, 0).unwrap()
    }

    fn said(granted: bool, by_guest: bool, day: u32) -> Said {
        Said {
            purpose: Purpose::Greetings,
            granted,
            by_guest,
            at: at(day),
        }
    }

    fn agreed() -> Known {
        Known {
            has_address: true,
            said: vec![said(true, false, 1)],
            ..Known::default()
        }
    }

    fn why(known: &Known) -> Option<WhyNot> {
        known.why_not(Occasion::Birthday, &Settings::default())
    }

    #[test]
    fn who_agreed_is_written_to_and_every_reason_against_it_has_its_word() {
        assert_eq!(why(&agreed()), None);
        type Change<'a> = (&'a dyn Fn(&mut Known), WhyNot);
        let changes: [Change; 12] = [
            (&|k| k.has_address = false, WhyNot::NoAddress),
            (
                &|k| (k.has_address, k.has_relay) = (false, true),
                WhyNot::RelayAddress,
            ),
            (&|k| k.said.clear(), WhyNot::NoConsent),
            (&|k| k.said.push(said(false, false, 2)), WhyNot::SaidNo),
            (&|k| k.has_open_case = true, WhyNot::OpenCase),
            (&|k| k.is_staying = true, WhyNot::StayingNow),
            (&|k| k.lately = 3, WhyNot::Enough),
            (
                &|k| k.stops.push((WhyNot::Deceased, None)),
                WhyNot::Deceased,
            ),
            (&|k| k.stops.push((WhyNot::Erased, None)), WhyNot::Erased),
            (&|k| k.stops.push((WhyNot::Bounced, None)), WhyNot::Bounced),
            (
                &|k| k.stops.push((WhyNot::Complained, None)),
                WhyNot::Complained,
            ),
            (
                &|k| {
                    k.stops
                        .push((WhyNot::Unsubscribed, Some(Purpose::Greetings)))
                },
                WhyNot::Unsubscribed,
            ),
        ];
        for (change, expected) in changes {
            let mut known = agreed();
            change(&mut known);
            assert_eq!(why(&known), Some(expected));
        }
        let mut known = agreed();
        known
            .stops
            .push((WhyNot::Unsubscribed, Some(Purpose::Marketing)));
        assert_eq!(why(&known), None, "that was about something else");
    }

    #[test]
    fn a_file_read_again_does_not_undo_the_guests_own_no() {
        let mut known = agreed();
        known.said = vec![said(false, true, 2), said(true, false, 20)];
        assert_eq!(why(&known), Some(WhyNot::SaidNo));
        known.said.push(said(true, true, 21));
        assert_eq!(why(&known), None);
        known.said.push(said(false, false, 22));
        assert_eq!(why(&known), Some(WhyNot::SaidNo), "told to somebody else");
    }

    #[test]
    fn a_letter_about_a_stay_needs_no_yes_but_heeds_a_no() {
        let mut known = agreed();
        known.said.clear();
        known.lately = 9;
        let settings = Settings::default();
        assert_eq!(known.why_not(Occasion::BeforeArrival, &settings), None);
        known.said = vec![said(false, false, 1)];
        let why = known.why_not(Occasion::BeforeArrival, &settings);
        assert_eq!(why, Some(WhyNot::SaidNo));
    }

    #[test]
    fn the_stronger_occasion_wins_and_a_paused_one_lets_the_next_through() {
        let due = [Occasion::Anniversary, Occasion::Birthday];
        let mut settings = Settings::default();
        let verdict = decide(&agreed(), &due, &settings);
        assert_eq!(verdict.send, Some(1));
        assert_eq!(verdict.refused, [(0, WhyNot::Stronger)]);
        settings.paused_occasions.push(Occasion::Birthday);
        let verdict = decide(&agreed(), &due, &settings);
        assert_eq!(verdict.send, Some(0));
        assert_eq!(verdict.refused, [(1, WhyNot::Paused)]);
        settings.paused = true;
        assert_eq!(decide(&agreed(), &due, &settings).send, None);
        let mut known = agreed();
        known.is_written_to = true;
        let verdict = decide(&known, &due, &Settings::default());
        assert_eq!(verdict.send, None);
        assert!(
            verdict
                .refused
                .iter()
                .all(|(_, why)| *why == WhyNot::AlreadyToday)
        );
    }

    #[test]
    fn the_sample_is_as_large_as_asked_for_and_the_same_everywhere() {
        let held = (0..100_000)
            .filter(|id| is_held_back(*id, 2026, 10))
            .count();
        assert!((9_700..10_300).contains(&held), "{held}");
        assert!(!(0..1_000).any(|id| is_held_back(id, 2026, 0)));
        assert!((0..1_000).all(|id| is_held_back(id, 2026, 100)));
    }
}
