//! Who belongs together without being one person, by the grades of a comparison. Pure.

use super::Kind;
use crate::recognition::compare::{Birth, Comparison, Contact, Place};
use crate::recognition::levels::Agreement;

/// How two who are plainly not one person belong together; nothing where they may be one, or share no contact.
///
/// Plainly another: another given name, or another birth date, and nothing agrees that only one person has. A given name
/// that is missing, an initial, or in another script is not another.
pub fn relation(c: &Comparison) -> Option<Kind> {
    let reached = |contact: Contact| matches!(contact, Contact::Own | Contact::Shared);
    let personal = c.native || c.birth == Birth::Same || reached(c.document) || reached(c.loyalty);
    let another = c.names.given == Agreement::Different || c.birth == Birth::Differs;
    if personal || !another {
        return None;
    }
    let one_family = c.names.family.is_good();
    let one_company = c.company == Place::Same;
    let in_a_crowd = c.email == Contact::Crowd || c.phone == Contact::Crowd;
    let reached_alike = reached(c.email) || reached(c.phone);
    let one_address = c.postal_code == Place::Same;
    if one_company && !one_family && (reached_alike || in_a_crowd) {
        Some(Kind::Colleagues)
    } else if reached_alike && (one_family || one_address) {
        Some(Kind::Household)
    } else {
        reached_alike.then_some(Kind::Contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::levels::Names;

    fn names(given: Agreement, family: Agreement) -> Comparison {
        Comparison {
            names: Names {
                given,
                family,
                swapped: false,
            },
            ..Comparison::default()
        }
    }

    #[test]
    fn a_family_shares_a_phone_and_a_surname_or_a_phone_and_an_address() {
        use Agreement::{Different, Same};
        let phone = Contact::Shared;
        let of = |c: Comparison| relation(&c);
        let kin = Comparison {
            phone,
            ..names(Different, Same)
        };
        assert_eq!(of(kin), Some(Kind::Household));
        let couple = Comparison {
            phone,
            postal_code: Place::Same,
            ..names(Different, Different)
        };
        assert_eq!(of(couple), Some(Kind::Household));
        // Father and son of one name.
        let son = Comparison {
            phone,
            birth: Birth::Differs,
            ..names(Same, Same)
        };
        assert_eq!(of(son), Some(Kind::Household));
        assert_eq!(of(names(Different, Same)), None, "namesakes are strangers");
    }

    #[test]
    fn colleagues_share_the_company_and_its_phone() {
        let colleagues = Comparison {
            phone: Contact::Crowd,
            company: Place::Same,
            ..names(Agreement::Different, Agreement::Different)
        };
        assert_eq!(relation(&colleagues), Some(Kind::Colleagues));
        let agency = Comparison {
            company: Place::Missing,
            ..colleagues
        };
        assert_eq!(relation(&agency), None, "an agency's phone relates nobody");
    }

    #[test]
    fn who_may_be_one_person_is_not_related() {
        use Agreement::{Different, Initial, Missing, Nickname, OtherScript, Same};
        for given in [Initial, Missing, Nickname, OtherScript, Same] {
            let c = Comparison {
                email: Contact::Own,
                ..names(given, Same)
            };
            assert_eq!(relation(&c), None, "{given:?}");
        }
        let alias = Comparison {
            phone: Contact::Own,
            birth: Birth::Same,
            ..names(Different, Same)
        };
        assert_eq!(relation(&alias), None, "an English given name");
    }
}
