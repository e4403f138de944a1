//! The verdict as far as exact evidence goes. Pure: values in, a decision with its reasons out.

use super::known::{Candidate, Known};
use super::signals::Signals;
use crate::guests::contacts::phones_agree;
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

/// The codes of reasons, as they are stored, joined by `;`.
pub mod reason {
    /// The source named the profile.
    pub const GUEST_ID: &str = "guest_id";
    /// One spelling of the names has the same words.
    pub const NAME: &str = "name";
    /// The same e-mail address, not an agency's.
    pub const EMAIL: &str = "email";
    /// The same phone line.
    pub const PHONE: &str = "phone";
    /// The same identity document.
    pub const DOCUMENT: &str = "document";
    /// The same loyalty number.
    pub const LOYALTY: &str = "loyalty";
    /// The same birth date.
    pub const BIRTH_DATE: &str = "birth_date";
    /// The same postal code.
    pub const POSTAL_CODE: &str = "postal_code";
    /// The same city.
    pub const CITY: &str = "city";
    /// The same country.
    pub const COUNTRY: &str = "country";
    /// Another birth date: evidence against.
    pub const BIRTH_DATE_DIFFERS: &str = "birth_date_differs";
    /// Another document: evidence against.
    pub const DOCUMENT_DIFFERS: &str = "document_differs";
}

/// Candidates a clerk is shown, at most.
const SHOWN: usize = 5;

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Linked, review or new.
    pub decision: Decision,
    /// The profile linked to.
    pub guest_id: Option<i64>,
    /// Codes of [`reason`] joined by `;`; empty for a new guest.
    pub reasons: String,
    /// Who could be meant, best first, with their reasons.
    pub candidates: Vec<(i64, String)>,
}

impl Verdict {
    /// The source itself says whose booking it is.
    pub fn named(guest_id: i64) -> Self {
        Self {
            decision: Decision::Linked,
            guest_id: Some(guest_id),
            reasons: reason::GUEST_ID.into(),
            candidates: Vec::new(),
        }
    }

    fn new_guest() -> Self {
        Self {
            decision: Decision::New,
            guest_id: None,
            reasons: String::new(),
            candidates: Vec::new(),
        }
    }
}

/// One candidate of the same name, judged.
struct Judged<'a> {
    candidate: &'a Candidate,
    reasons: Vec<&'static str>,
    is_safe: bool,
}

/// Decides whose booking it is.
///
/// Linked: the names agree, and so does an identifying signal of its own (e-mail, phone, document, loyalty
/// number, or birth date together with the place), and nothing contradicts, and one person alone qualifies.
/// Review: the names agree with less than that, or with a contradiction beside it, or for two persons.
/// The same contact under another name is another person: families and agencies share theirs.
pub fn verdict(booked: &Signals, known: &Known) -> Verdict {
    let mut judged: Vec<Judged> = known
        .candidates(booked)
        .into_iter()
        .filter_map(|candidate| judge(booked, candidate, known))
        .collect();
    judged.sort_by_key(|j| {
        (
            !j.is_safe,
            std::cmp::Reverse(j.reasons.len()),
            j.candidate.guest_id,
        )
    });
    let Some(best) = judged.first() else {
        return Verdict::new_guest();
    };
    let is_one_person = judged
        .iter()
        .filter(|j| j.is_safe)
        .all(|j| j.candidate.person_id == best.candidate.person_id);
    if best.is_safe && is_one_person {
        return Verdict {
            decision: Decision::Linked,
            guest_id: Some(best.candidate.guest_id),
            reasons: best.reasons.join(";"),
            candidates: Vec::new(),
        };
    }
    Verdict {
        decision: Decision::Review,
        guest_id: None,
        reasons: best.reasons.join(";"),
        candidates: judged
            .iter()
            .take(SHOWN)
            .map(|j| (j.candidate.guest_id, j.reasons.join(";")))
            .collect(),
    }
}

/// None where it is somebody else, or where a name alone is all there is.
fn judge<'a>(booked: &Signals, candidate: &'a Candidate, known: &Known) -> Option<Judged<'a>> {
    let theirs = &candidate.signals;
    if !booked.same_name(theirs) {
        return None;
    }
    let mut identifying = Vec::new();
    if booked
        .emails
        .iter()
        .any(|email| theirs.emails.contains(email) && known.is_few(email))
    {
        identifying.push(reason::EMAIL);
    }
    let same_line = |phone: &String| {
        known.is_few(phone) && theirs.phones.iter().any(|t| phones_agree(phone, t))
    };
    if booked.phones.iter().any(same_line) {
        identifying.push(reason::PHONE);
    }
    if booked
        .documents
        .iter()
        .any(|hash| theirs.documents.contains(hash) && known.is_few_documents(hash))
    {
        identifying.push(reason::DOCUMENT);
    }
    if booked.loyalty.is_some() && booked.loyalty == theirs.loyalty {
        identifying.push(reason::LOYALTY);
    }
    let place = places(booked, theirs);
    let against = contradictions(booked, theirs);
    let same_birth = booked.birth_date.is_some() && booked.birth_date == theirs.birth_date;
    let is_strong = !identifying.is_empty() || (same_birth && !place.is_empty());
    // A country alone beside a name says too little to trouble anyone with.
    let is_weak = same_birth || place.iter().any(|code| *code != reason::COUNTRY);
    if !is_strong && (!is_weak || !against.is_empty()) {
        return None;
    }
    let birth = same_birth.then_some(reason::BIRTH_DATE);
    Some(Judged {
        candidate,
        is_safe: is_strong && against.is_empty(),
        reasons: std::iter::once(reason::NAME)
            .chain(identifying)
            .chain(birth)
            .chain(place)
            .chain(against)
            .collect(),
    })
}

/// Where both say where the guest lives, and agree. A city or postal code of another country does not count.
fn places(a: &Signals, b: &Signals) -> Vec<&'static str> {
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let differs = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    if differs(&a.country, &b.country) {
        return Vec::new();
    }
    let mut places = Vec::new();
    if same(&a.postal_code, &b.postal_code) {
        places.push(reason::POSTAL_CODE);
    }
    if same(&a.city, &b.city) {
        places.push(reason::CITY);
    }
    if same(&a.country, &b.country) {
        places.push(reason::COUNTRY);
    }
    places
}

fn contradictions(a: &Signals, b: &Signals) -> Vec<&'static str> {
    let mut against = Vec::new();
    if a.birth_date.is_some() && b.birth_date.is_some() && a.birth_date != b.birth_date {
        against.push(reason::BIRTH_DATE_DIFFERS);
    }
    let have_documents = !a.documents.is_empty() && !b.documents.is_empty();
    if have_documents && !a.documents.iter().any(|hash| b.documents.contains(hash)) {
        against.push(reason::DOCUMENT_DIFFERS);
    }
    against
}

#[cfg(test)]
mod tests {
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
        verdict(&Signals::of(booking, &secrets), &known)
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
        assert_eq!(verdict.reasons, "name;email");
    }

    #[test]
    fn the_same_contact_under_another_given_name_is_another_person() {
        let anna = booked("Anna", "Berg", |p| p.email = email("berg@example.com"));
        let paul = booked("Paul", "Berg", |p| p.email = email("berg@example.com"));
        assert_eq!(decide(&[anna], &paul).decision, Decision::New);
    }

    #[test]
    fn a_masked_address_links_nobody() {
        let masked = |p: &mut NewProfile| p.email = email("a.123@guest.booking.com");
        let verdict = decide(
            &[booked("Anna", "Berg", masked)],
            &booked("Anna", "Berg", masked),
        );
        assert_eq!(verdict.decision, Decision::New);
    }

    #[test]
    fn a_name_and_a_city_are_asked_about_and_a_country_is_not_enough_to_ask() {
        let of = |city: Option<&str>| {
            let city = city.map(str::to_owned);
            booked("Anna", "Berg", |p| {
                p.city = city;
                p.country = Some("DE".into());
            })
        };
        let asked = decide(&[of(Some("Köln"))], &of(Some("KOLN")));
        assert_eq!(asked.decision, Decision::Review);
        assert_eq!(asked.candidates, [(1, "name;city;country".to_owned())]);
        assert_eq!(
            decide(&[of(None)], &of(Some("Köln"))).decision,
            Decision::New
        );
    }

    #[test]
    fn a_contradiction_beside_strong_evidence_is_asked_about() {
        let born = |year: i32| {
            booked("Anna", "Berg", |p| {
                p.email = email("anna@example.com");
                p.birth_date = chrono::NaiveDate::from_ymd_opt(year, 5, 4);
            })
        };
        let verdict = decide(&[born(1960)], &born(1990));
        assert_eq!(verdict.decision, Decision::Review);
        assert_eq!(verdict.reasons, "name;email;birth_date_differs");
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
        let holders: Vec<_> = (0..9)
            .map(|n| {
                booked(
                    "Anna",
                    &format!("Berg{}", if n == 0 { String::new() } else { n.to_string() }),
                    |p| {
                        p.phone = Phone::parse("+49 171 5568411", None).ok();
                    },
                )
            })
            .collect();
        let again = booked("Anna", "Berg", |p| {
            p.phone = Phone::parse("+49 171 5568411", None).ok()
        });
        let (few, _) = holders.split_at(2);
        assert_eq!(decide(few, &again).decision, Decision::Linked);
        assert_eq!(decide(&holders, &again).decision, Decision::New);
    }
}
