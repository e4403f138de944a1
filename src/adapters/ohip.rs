//! Oracle Hospitality Integration Platform: reservations and profiles.

use serde_json::Value;

use super::reader::At;
use super::{Asked, Happened, Person, ReadAll, Said, Wish, each, list, moment, money};
use crate::error::Rejection;
use crate::vocabulary::wording::{self, Reading};

/// Reads reservations: one, or the list that a search answers with.
pub fn reservations(body: &Value, asked: &Asked<'_>) -> Result<ReadAll, Rejection> {
    let one = std::slice::from_ref(body);
    let lists = [
        "reservations.reservation",
        "reservations.reservationInfo",
        "reservations",
        "reservation",
    ];
    let found = list(body, &lists).or(body.get("reservationIdList").map(|_| one));
    let missing = || Rejection::new("reservations", "is missing: a list of reservations, or one");
    each(found.ok_or_else(missing)?, |at| reservation(at, asked))
}

/// Reads profiles: one, or a list.
pub fn profiles(body: &Value, asked: &Asked<'_>) -> Result<ReadAll, Rejection> {
    let one = std::slice::from_ref(body);
    let lists = ["profiles.profileInfo", "profiles", "profileInfo"];
    let found = list(body, &lists).or(body.get("profileIdList").map(|_| one));
    let missing = || Rejection::new("profiles", "is missing: a list of profiles, or one");
    each(found.ok_or_else(missing)?, |at| {
        let mut said = Said::default();
        said.person = person(at, &mut said, asked)?;
        if said.person.id().is_none() {
            return Err(at.get("profileIdList").wrong("names no id of type Profile"));
        }
        Ok(said)
    })
}

fn reservation(at: &At<'_>, asked: &Asked<'_>) -> Result<Said, Rejection> {
    asked.must_be_here(&at.get("hotelId"))?;
    let mut said = Said::default();
    let ids = at.get("reservationIdList");
    let number = id_of(&ids, &["Confirmation", "Reservation"])?;
    said.number = Some(number.ok_or_else(|| ids.wrong("has no id of type Confirmation"))?);
    let stay = at.get("roomStay");
    for (field, name) in [("arrival", "arrivalDate"), ("departure", "departureDate")] {
        said.booking.text(field, &stay.get(name))?;
    }
    let booked = at.get("createDateTime");
    let day = booked
        .text()?
        .and_then(|text| text.get(..10).map(str::to_owned));
    said.booking.put("booked_on", day, &booked);
    for (field, name) in [("adults", "adults"), ("children", "children")] {
        let count = stay.get("guestCounts").get(name);
        said.booking.put(field, count.whole()?, &count);
    }
    let rate = stay.get("roomRates");
    if let Some(at) = first([rate.get("roomType"), stay.get("roomType")]) {
        said.booking.text("room_type", &at)?;
    }
    let room = first([stay.get("currentRoomInfo.roomId"), stay.get("roomId")]);
    let room_number = room.as_ref().map(At::text).transpose()?.flatten();
    if let Some(at) = room {
        said.booking.put("room", room_number.clone(), &at);
    }
    let amount = stay.get("rateAmount");
    let price = money(&amount.get("amount"), &amount.get("currencyCode"))?;
    said.booking.put("rate", price, &amount);
    channel(at, &mut said)?;
    let updated = at.get("lastModifyDateTime");
    let told = moment(&updated, asked)?;
    said.booking.put("updated_at", told.clone(), &updated);
    state(&at.get("reservationStatus"), room_number, &mut said)?;
    let primary = primary(at, &mut said)?;
    if let Some(guest) = primary {
        said.person = person(&guest, &mut said, asked)?;
        said.person.fields.put("updated_at", told, &updated);
    }
    said.booked_by_person();
    requests(at, &mut said)?;
    Ok(said)
}

/// The first of these places that holds anything.
fn first<'a>(places: [At<'a>; 2]) -> Option<At<'a>> {
    places.into_iter().find(At::is_there)
}

/// The id of the first of these types that is there.
fn id_of(ids: &At<'_>, types: &[&str]) -> Result<Option<String>, Rejection> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for id in ids.items() {
        let kind = id.get("type").text()?.unwrap_or_default();
        let rank = types
            .iter()
            .position(|name| kind.eq_ignore_ascii_case(name));
        if let (Some(rank), Some(text)) = (rank, id.get("id").text()?) {
            found.push((rank, text));
        }
    }
    found.sort();
    Ok(found.into_iter().next().map(|(_, id)| id))
}

fn channel(at: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let walk_in = at.get("walkIn");
    if walk_in.flag()? == Some(true) {
        said.booking.put("channel", Some("walk_in"), &walk_in);
    }
    for name in ["sourceCode", "sourceType"] {
        let source = at.get("sourceOfSale").get(name);
        let Some(text) = source.text()? else { continue };
        let channel = match text.to_uppercase().as_str() {
            "OTA" | "WEB" | "INTERNET" => "ota",
            "GDS" | "CRS" => "gds",
            "DIRECT" | "HOTEL" | "PMS" | "BRAND" => "direct",
            "PHONE" | "TEL" | "CALL" => "phone",
            "WALKIN" | "WALK-IN" | "WI" => "walk_in",
            "CORP" | "CORPORATE" => "corporate",
            "GROUP" => "group",
            _ => {
                said.ignore(&source, &format!("'{text}' is no channel we know"));
                continue;
            }
        };
        if !said.booking.values.contains_key("channel") {
            said.booking.put("channel", Some(channel), &source);
        }
    }
    Ok(())
}

fn state(at: &At<'_>, room: Option<String>, said: &mut Said) -> Result<(), Rejection> {
    let Some(state) = at.text()? else {
        return Ok(());
    };
    let happened = match state.to_lowercase().replace([' ', '_', '-'], "").as_str() {
        "reserved" | "duein" | "confirmed" => Happened::Booked,
        "inhouse" | "checkedin" | "dueout" | "walkin" | "pendingcheckout" => Happened::In(room),
        "checkedout" => Happened::Out,
        "cancelled" | "canceled" => Happened::Cancelled,
        "noshow" => Happened::NoShow,
        "requested" | "waitlisted" | "prospect" => {
            return Err(at.wrong(format!(
                "'{state}' is not a booking yet; send it when it is one"
            )));
        }
        _ => {
            return Err(at.wrong(format!(
                "'{state}' is not one of Reserved, InHouse, CheckedOut, Cancelled, NoShow"
            )));
        }
    };
    said.happened = Some(happened);
    Ok(())
}

/// The guest the room is booked for: the first marked so, else the first. The others are named.
fn primary<'a>(at: &At<'a>, said: &mut Said) -> Result<Option<At<'a>>, Rejection> {
    let listed = at.get("reservationGuests");
    let listed = if listed.is_there() {
        listed
    } else {
        at.get("reservationGuest")
    };
    let mut chosen: Option<At<'a>> = None;
    let mut others = Vec::new();
    for guest in listed.items() {
        let is_primary = guest.get("primary").flag()? == Some(true);
        match &chosen {
            None if is_primary => chosen = Some(guest),
            _ => others.push((guest, is_primary)),
        }
    }
    if chosen.is_none() && !others.is_empty() {
        chosen = Some(others.remove(0).0);
    }
    for (guest, is_primary) in others {
        let why = if is_primary {
            "a second primary guest; the first is taken"
        } else {
            "shares the room; the reservation is the primary guest's"
        };
        said.ignore(&guest, why);
    }
    Ok(chosen)
}

/// Reads a guest: a profile with its ids, or the short form of a list of reservations.
fn person(at: &At<'_>, said: &mut Said, asked: &Asked<'_>) -> Result<Person, Rejection> {
    let info = at.get("profileInfo");
    let info = if info.is_there() { info } else { at.clone() };
    let mut person = Person::default();
    let ids = info.get("profileIdList");
    person
        .fields
        .put("guest_id", id_of(&ids, &["Profile"])?, &ids);
    let profile = info.get("profile");
    let profile = if profile.is_there() { profile } else { info };
    names(&profile, &mut person, said)?;
    let customer = profile.get("customer");
    let both = |name: &str| {
        let inner = customer.get(name);
        if inner.is_there() {
            inner
        } else {
            profile.get(name)
        }
    };
    for (field, name) in [
        ("birth_date", "birthDate"),
        ("gender", "gender"),
        ("country", "nationality"),
        ("language", "language"),
    ] {
        person.fields.text(field, &both(name))?;
    }
    contacts(&profile, &mut person)?;
    vip(&[both("vipStatus"), both("vip.vipCode")], &mut person, said)?;
    for document in customer.get("identifications.identificationInfo").items() {
        let number = document.get("identification.idNumber");
        match number.text()? {
            Some(text) if text.contains(['*', 'X']) => said.ignore(&number, "is masked"),
            text => person.fields.put("document_number", text, &number),
        }
    }
    memberships(&profile, &mut person, said, asked)?;
    let privacy = profile.get("privacyInfo");
    let (mail, opted) = (privacy.get("allowEmail"), privacy.get("optIn"));
    let consent = match (mail.flag()?, opted.flag()?) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), _) => Some(true),
        (None, _) => None,
    };
    person.fields.put("email_consent", consent, &mail);
    for list in profile.get("preferenceCollection").items() {
        preferences(&list, &mut person, said)?;
    }
    let mut notes = Vec::new();
    for comment in profile.get("comments").items() {
        if let Some(text) = comment_text(&comment)? {
            person.wish(&text);
            notes.push(text);
        }
    }
    let notes = (!notes.is_empty()).then(|| notes.join("\n"));
    person.fields.put("note", notes, &profile.get("comments"));
    let updated = profile.get("lastModifyDateTime");
    person
        .fields
        .put("updated_at", moment(&updated, asked)?, &updated);
    Ok(person)
}

fn names(profile: &At<'_>, person: &mut Person, said: &mut Said) -> Result<(), Rejection> {
    let mut is_named = false;
    for name in profile.get("customer.personName").items() {
        let kind = name
            .get("nameType")
            .text()?
            .unwrap_or_else(|| "Primary".into());
        match kind.as_str() {
            "Primary" if !is_named => {
                is_named = true;
                person.fields.text("given_name", &name.get("givenName"))?;
                person.fields.text("family_name", &name.get("surname"))?;
                person.fields.text("salutation", &name.get("nameTitle"))?;
            }
            "Alternate" => {
                let surname = name.get("surname").text()?.unwrap_or_default();
                let native = surname + name.get("givenName").text()?.unwrap_or_default().as_str();
                let native = Some(native).filter(|native| !native.is_empty());
                person.fields.put("native_name", native, &name);
            }
            "Incognito" => {
                // Whoever hides a name is not to be called by it, nor by the other.
                let quiet = crate::vocabulary::get("do_not_name_aloud");
                person
                    .wishes
                    .extend(quiet.map(|one| Wish::of(Reading::wanted(one), None, "Incognito")));
                said.ignore(&name, "a name that hides another is not kept");
            }
            _ => said.ignore(&name, &format!("'{kind}' is a name we have no place for")),
        }
    }
    if !is_named {
        person
            .fields
            .text("given_name", &profile.get("givenName"))?;
        person.fields.text("family_name", &profile.get("surname"))?;
        person
            .fields
            .text("native_name", &profile.get("alternateFullName"))?;
    }
    Ok(())
}

fn contacts(profile: &At<'_>, person: &mut Person) -> Result<(), Rejection> {
    if let Some(address) = preferred(&profile.get("addresses.addressInfo"), "address")? {
        let lines: Vec<String> = address
            .get("addressLine")
            .items()
            .iter()
            .map(At::text)
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?;
        let street = (!lines.is_empty()).then(|| lines.join(", "));
        person
            .fields
            .put("street", street, &address.get("addressLine"));
        person.fields.text("city", &address.get("cityName"))?;
        person
            .fields
            .text("postal_code", &address.get("postalCode"))?;
        let country = address.get("country");
        let code = country.get("code");
        let country = if code.is_there() {
            code
        } else {
            country.get("value")
        };
        if !person.fields.values.contains_key("country") {
            person.fields.text("country", &country)?;
        }
    }
    let phone = preferred(&profile.get("telephones.telephoneInfo"), "telephone")?;
    let phone = phone.map_or(profile.get("phoneNumber"), |at| at.get("phoneNumber"));
    person.fields.text("phone", &phone)?;
    let email = preferred(&profile.get("emails.emailInfo"), "email")?;
    let email = email.map_or(profile.get("email"), |at| at.get("emailAddress"));
    person.fields.text("email", &email)
}

/// Of several contacts the primary one, else the first.
fn preferred<'a>(list: &At<'a>, name: &str) -> Result<Option<At<'a>>, Rejection> {
    let mut chosen = None;
    for item in list.items() {
        let at = item.get(name);
        let is_primary = at.get("primaryInd").flag()? == Some(true);
        if chosen.is_none() || is_primary {
            chosen = Some(at);
        }
        if is_primary {
            break;
        }
    }
    Ok(chosen)
}

/// `VIP2` and `2` are level 2, a bare `VIP` is level 1.
fn vip(places: &[At<'_>], person: &mut Person, said: &mut Said) -> Result<(), Rejection> {
    for at in places {
        let Some(code) = at.text()? else { continue };
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let level: Option<i64> = match digits.parse() {
            Ok(level @ 1..=9) => Some(level),
            _ => code.eq_ignore_ascii_case("vip").then_some(1),
        };
        match level {
            Some(level) => person.fields.put("vip_level", Some(level), at),
            None => said.ignore(at, &format!("'{code}' is no level from 1 to 9")),
        }
    }
    Ok(())
}

fn memberships(
    profile: &At<'_>,
    person: &mut Person,
    said: &mut Said,
    asked: &Asked<'_>,
) -> Result<(), Rejection> {
    let listed = [
        profile.get("profileMemberships.profileMembership"),
        profile.get("membership"),
    ];
    for membership in listed.iter().flat_map(At::items) {
        let kind = membership.get("membershipType").text()?;
        if asked.is_ours(kind.as_deref()) {
            person
                .fields
                .text("loyalty_number", &membership.get("membershipId"))?;
        } else {
            said.ignore(&membership, &others(kind.as_deref()));
        }
    }
    Ok(())
}

/// Why a number is not taken.
pub(super) fn others(programme: Option<&str>) -> String {
    let programme = programme.unwrap_or_default();
    format!("'{programme}' is not our programme; ?programme= says what the source calls ours")
}

/// Preferences of one type. A house it is honoured at is its house; `global` is everywhere.
fn preferences(at: &At<'_>, person: &mut Person, said: &mut Said) -> Result<(), Rejection> {
    at.get("preferenceType").text()?;
    for one in at.get("preference").items() {
        let value = one.get("preferenceValue").text()?.unwrap_or_default();
        let described = one.get("description").text()?.unwrap_or_default();
        let mut found = wording::read(&value);
        if found.is_empty() {
            found = wording::read(&described);
        }
        if found.is_empty() {
            said.ignore(&one, &format!("'{value}' is no preference we know"));
            continue;
        }
        let is_global = one.get("global").flag()? == Some(true);
        let mut houses: Vec<Option<String>> = Vec::new();
        for house in one.get("hotels").items() {
            let code = house.get("hotelId");
            let code = if code.is_there() { code } else { house };
            houses.push(code.text()?);
        }
        if is_global || houses.is_empty() {
            houses = vec![None];
        }
        let words = if described.is_empty() {
            &value
        } else {
            &described
        };
        for reading in found {
            for house in &houses {
                person.wishes.push(Wish::of(reading, house.clone(), words));
            }
        }
    }
    Ok(())
}

/// What the guest asks for with this reservation. What staff write to each other is no request.
fn requests(at: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let (mut codes, mut words) = (Vec::new(), Vec::new());
    for comment in at.get("comments").items() {
        if comment.get("comment.internal").flag()? == Some(true) {
            said.ignore(&comment, "is internal");
        } else if let Some(text) = comment_text(&comment)? {
            said.request(&mut codes, &mut words, &text, &comment);
        }
    }
    for list in at.get("preferenceCollection").items() {
        list.get("preferenceType").text()?;
        for one in list.get("preference").items() {
            let value = one.get("preferenceValue");
            if let Some(text) = value.text()? {
                said.request(&mut codes, &mut words, &text, &value);
            }
        }
    }
    said.requests(codes, words);
    Ok(())
}

/// The text of a comment, however deep it lies.
fn comment_text(at: &At<'_>) -> Result<Option<String>, Rejection> {
    for path in ["comment.text.value", "text.value"] {
        let text = at.get(path);
        if text.is_there() {
            return text.text();
        }
    }
    for path in ["comment", "text"] {
        let inner = at.get(path);
        if inner.is_there() {
            return inner.text();
        }
    }
    at.text()
}
