//! The verdict: whose booking it is, how sure that is, and why. Pure.

use super::compare::{Birth, Comparison, Contact, Holders, Place};
use super::known::{Candidate, Known};
use super::levels::Agreement;
use super::model::{self, Grade, Model};
use super::signals::Signals;
use crate::text_enum;

text_enum! {
    /// What recognition decided about a booking.
    pub enum Decision {
        /// It belongs to a known profile.
        Linked = "linked",
        /// A person must look; the booking stands on a profile of its own until then.
        Review = "review",
        /// Nobody we know.
        New = "new",
    }
}

/// The reason of a booking whose source named the profile.
pub const NAMED: &str = "guest_id";
/// Candidates a clerk is shown, at most.
const SHOWN: usize = 5;
/// A candidate less likely than this is not shown beside a better one.
pub(super) const UNLIKELY: f64 = 0.02;

/// A profile that could be meant, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The profile.
    pub guest_id: i64,
    /// How likely the booking is this person's, 0 to 1.
    pub probability: f64,
    /// Codes of reasons joined by `;`.
    pub reasons: String,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Linked, review or new.
    pub decision: Decision,
    /// The profile linked to.
    pub guest_id: Option<i64>,
    /// How likely the first candidate is; 1 where the source named the profile.
    pub probability: f64,
    /// Codes of reasons joined by `;`, for the first candidate; empty for a new guest.
    pub reasons: String,
    /// Who could be meant, best first.
    pub candidates: Vec<Judged>,
}

impl Verdict {
    /// The source itself says whose booking it is.
    pub fn named(guest_id: i64) -> Self {
        Self {
            decision: Decision::Linked,
            guest_id: Some(guest_id),
            probability: 1.0,
            reasons: NAMED.into(),
            candidates: Vec::new(),
        }
    }
}

/// The candidates of a booking, compared and graded.
pub(super) struct Compared<'a> {
    pub(super) candidates: Vec<(&'a Candidate, Comparison)>,
    pub(super) grades: Vec<Vec<Grade>>,
}

/// Compares a booking with all who share a key with it.
pub(super) fn compare<'a>(booked: &Signals, known: &'a Known) -> Compared<'a> {
    compare_with(booked, known.candidates(booked), known)
}

/// Compares a booking, or a profile asked as if it were one, with these.
pub(super) fn compare_with<'a>(
    booked: &Signals,
    candidates: Vec<&'a Candidate>,
    holders: &impl Holders,
) -> Compared<'a> {
    let candidates: Vec<(&Candidate, Comparison)> = candidates
        .into_iter()
        .map(|candidate| {
            let comparison = Comparison::of(booked, &candidate.signals, holders);
            (candidate, comparison)
        })
        .collect();
    let has_name =
        |c: &Comparison| c.native || (c.names.given.is_good() && c.names.family.is_good());
    let mut namesakes: Vec<i64> = candidates
        .iter()
        .filter(|(_, c)| has_name(c))
        .map(|(candidate, _)| candidate.person_id)
        .collect();
    namesakes.sort_unstable();
    namesakes.dedup();
    let grades = candidates
        .iter()
        .map(|(_, c)| model::candidate(c, if has_name(c) { namesakes.len() } else { 0 }))
        .collect();
    Compared { candidates, grades }
}

/// Decides whose booking it is.
///
/// Linked: likely enough by the model's threshold, and at least two independent signals agree.
/// Review: likely enough to ask, or likely enough to link with too few signals. A masked address is no signal.
pub fn verdict(booked: &Signals, known: &Known, model: &Model) -> Verdict {
    decide(booked, compare(booked, known), model)
}

/// The same among those who were compared.
pub(super) fn decide(booked: &Signals, compared: Compared<'_>, model: &Model) -> Verdict {
    let shares = model.shares(&model::nobody(booked), &compared.grades);
    let mut judged: Vec<(f64, &Candidate, &Comparison)> = shares
        .into_iter()
        .zip(&compared.candidates)
        .map(|(share, (candidate, comparison))| (share, *candidate, comparison))
        .collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.guest_id.cmp(&b.1.guest_id)));
    pool_persons(&mut judged);
    let candidates: Vec<Judged> = judged
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(place, (share, candidate, comparison))| Judged {
            guest_id: candidate.guest_id,
            // Calibration is read off first candidates; the others keep their share beside it.
            probability: if place == 0 {
                model.calibrated(*share)
            } else {
                *share
            },
            reasons: reasons(comparison).join(";"),
        })
        .filter(|judged| judged.probability >= UNLIKELY)
        .collect();
    let probability = candidates.first().map_or(0.0, |first| first.probability);
    let is_safe = judged
        .first()
        .is_some_and(|(.., comparison)| is_safe(comparison));
    let decision = if probability >= model.link && is_safe {
        Decision::Linked
    } else if probability >= model.review {
        Decision::Review
    } else {
        Decision::New
    };
    let is_new = decision == Decision::New;
    let first = candidates.first().filter(|_| !is_new);
    Verdict {
        decision,
        guest_id: first
            .filter(|_| decision == Decision::Linked)
            .map(|first| first.guest_id),
        probability,
        reasons: first.map(|first| first.reasons.clone()).unwrap_or_default(),
        candidates: if decision == Decision::Review {
            candidates
        } else {
            Vec::new()
        },
    }
}

/// Whether the evidence may link without a person's eye: at least two independent signals, and nothing that may be a
/// contradiction.
///
/// Father and son of one name share phone, address and mailbox: a birth date told for the first time, or a document
/// other than the one we know, may be the other's, unless something that only one of them can have agrees.
/// Another birth date is another person until somebody says otherwise.
fn is_safe(c: &Comparison) -> bool {
    let own = |contact: Contact| matches!(contact, Contact::Own | Contact::Shared);
    let personal = c.birth == Birth::Same || own(c.document) || own(c.loyalty);
    let doubtful = c.birth == Birth::Told || c.document == Contact::Differs;
    let private = personal || own(c.email) || own(c.phone);
    c.birth != Birth::Differs && model::signals(c) >= 2 && private && (personal || !doubtful)
}

/// Profiles of one person speak for each other: the best of them takes the shares of all.
fn pool_persons(judged: &mut Vec<(f64, &Candidate, &Comparison)>) {
    let mut pooled: Vec<(f64, &Candidate, &Comparison)> = Vec::new();
    for (share, candidate, comparison) in judged.drain(..) {
        match pooled
            .iter_mut()
            .find(|(_, first, _)| first.person_id == candidate.person_id)
        {
            Some((sum, ..)) => *sum += share,
            None => pooled.push((share, candidate, comparison)),
        }
    }
    pooled.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.guest_id.cmp(&b.1.guest_id)));
    *judged = pooled;
}

/// Why, by codes: what speaks for it first, then what speaks against.
pub fn reasons(c: &Comparison) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    let mut add = |holds: bool, code: &'static str| {
        if holds {
            reasons.push(code);
        }
    };
    let contact = |contact: Contact| matches!(contact, Contact::Own | Contact::Shared);
    let (given, family) = (c.names.given, c.names.family);
    let same = c.native || (given == Agreement::Same && family == Agreement::Same);
    add(same && !c.names.swapped, "name");
    add(same && c.names.swapped, "name_swapped");
    if !same {
        add(given == Agreement::Same, "given_name");
        add(given == Agreement::Variant, "given_variant");
        add(given == Agreement::Nickname, "nickname");
        add(given == Agreement::Initial, "initial");
        add(
            matches!(given, Agreement::Part | Agreement::Prefix),
            "given_part",
        );
        add(
            matches!(given, Agreement::Typo | Agreement::Near),
            "given_typo",
        );
        add(family == Agreement::Same, "family_name");
        add(family == Agreement::Variant, "family_variant");
        add(
            matches!(family, Agreement::Part | Agreement::Prefix),
            "family_part",
        );
        add(
            matches!(family, Agreement::Typo | Agreement::Near),
            "family_typo",
        );
    }
    add(contact(c.email), "email");
    add(c.email == Contact::Typo, "email_typo");
    add(contact(c.phone), "phone");
    add(c.phone == Contact::Typo, "phone_typo");
    add(contact(c.document), "document");
    add(contact(c.loyalty), "loyalty");
    add(c.birth == Birth::Same, "birth_date");
    add(c.postal_code == Place::Same, "postal_code");
    add(c.street == Place::Same, "street");
    add(c.city == Place::Same, "city");
    add(c.country == Place::Same, "country");
    add(c.company == Place::Same, "company");
    add(given == Agreement::Different, "given_differs");
    add(family == Agreement::Different, "family_differs");
    add(c.birth == Birth::Slip, "birth_date_slip");
    add(c.birth == Birth::Differs, "birth_date_differs");
    add(c.document == Contact::Differs, "document_differs");
    add(c.email == Contact::Differs, "email_differs");
    add(c.phone == Contact::Differs, "phone_differs");
    reasons
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::guests::contacts::{Email, Phone};
    use crate::guests::profile::NewProfile;
    use crate::secret::Keys;

    fn booked(given: &str, family: &str, edit: impl FnOnce(&mut NewProfile)) -> NewProfile {
        let mut profile = NewProfile {
            given_name: Some(given.into()),
            family_name: Some(family.into()),
            ..NewProfile::default()
        };
        edit(&mut profile);
        profile
    }

    fn email(text: &str) -> Option<Email> {
        Some(Email::parse(text).unwrap())
    }

    /// The verdict on a booking when these profiles are known, numbered from 1.
    fn decide(profiles: &[NewProfile], booking: &NewProfile) -> Verdict {
        let secrets = Keys::from_hex(&"ab".repeat(32)).unwrap();
        let mut known = Known::default();
        for (id, profile) in (1..).zip(profiles) {
            known.remember(id, Signals::of(profile, &secrets));
        }
        verdict(&Signals::of(booking, &secrets), &known, Model::shipped())
    }

    #[test]
    fn a_name_the_other_way_round_with_the_same_email_is_linked() {
        let nana = booked("Nana", "Ouyang", |p| p.email = email("nana@example.com"));
        let swapped = booked("OUYANG", "NANA", |p| p.email = email("Nana@Example.com"));
        let verdict = decide(&[nana], &swapped);
        assert_eq!(
            (verdict.decision, verdict.guest_id),
            (Decision::Linked, Some(1))
        );
        assert_eq!(verdict.reasons, "name_swapped;email");
        assert!(verdict.probability > 0.95);
    }

    #[test]
    fn the_same_contact_under_another_given_name_is_not_linked() {
        let anna = booked("Anna", "Berg", |p| p.email = email("berg@example.com"));
        let paul = booked("Paul", "Berg", |p| p.email = email("berg@example.com"));
        assert_ne!(decide(&[anna], &paul).decision, Decision::Linked);
    }

    #[test]
    fn a_masked_address_is_no_signal() {
        let masked = |p: &mut NewProfile| p.email = email("a.123@guest.booking.com");
        let verdict = decide(
            &[booked("Anna", "Berg", masked)],
            &booked("Anna", "Berg", masked),
        );
        assert_ne!(verdict.decision, Decision::Linked);
        assert!(!verdict.reasons.contains("email"), "{}", verdict.reasons);
    }

    #[test]
    fn a_name_and_a_city_are_asked_about() {
        let of = |city: &str| {
            booked("Anna", "Berg", |p| {
                p.city = Some(city.into());
                p.country = Some("DE".into());
            })
        };
        let asked = decide(&[of("Köln")], &of("KOLN"));
        assert_eq!(asked.decision, Decision::Review);
        assert_eq!(asked.reasons, "name;city;country");
        assert_eq!(asked.candidates.first().unwrap().guest_id, 1);
    }

    #[test]
    fn another_birth_date_is_never_linked() {
        let born = |year: i32| {
            booked("Anna", "Berg", |p| {
                p.email = email("anna@example.com");
                p.phone = Phone::parse("+49 171 5568411", None).ok();
                p.birth_date = NaiveDate::from_ymd_opt(year, 5, 4);
            })
        };
        let verdict = decide(&[born(1960)], &born(1991));
        assert_ne!(verdict.decision, Decision::Linked);
        assert_eq!(
            decide(&[born(1960)], &born(1960)).decision,
            Decision::Linked
        );
    }

    #[test]
    fn two_persons_who_qualify_are_asked_about() {
        let one = || {
            booked("Wei", "Wang", |p| {
                p.phone = Phone::parse("13800138000", Some("CN")).ok()
            })
        };
        let verdict = decide(&[one(), one()], &one());
        assert_eq!(
            (verdict.decision, verdict.candidates.len()),
            (Decision::Review, 2)
        );
    }

    #[test]
    fn a_phone_that_many_hold_is_an_agencys() {
        let with_phone = |family: &str| {
            booked("Anna", family, |p| {
                p.phone = Phone::parse("+49 171 5568411", None).ok();
            })
        };
        let holders: Vec<NewProfile> = ["Berg", "Okafor", "Silva", "Novak", "Tanaka", "Rossi"]
            .map(with_phone)
            .into();
        assert_eq!(
            decide(&holders[..1], &with_phone("Berg")).decision,
            Decision::Linked
        );
        assert_ne!(
            decide(&holders, &with_phone("Berg")).decision,
            Decision::Linked
        );
    }

    #[test]
    fn nobody_is_known_in_an_empty_house() {
        let verdict = decide(&[], &booked("Anna", "Berg", |_| {}));
        assert_eq!((verdict.decision, verdict.guest_id), (Decision::New, None));
    }
}
