//! OpenTravel: `OTA_HotelResNotifRQ`.

use serde_json::Value;

use super::ohip::others;
use super::reader::At;
use super::{Asked, Happened, Person, ReadAll, Said, each, moment, money, xml};
use crate::error::Rejection;

/// Reads the reservations of a notification; each room of a reservation is a stay of its own.
pub fn reservations(text: &str, asked: &Asked<'_>) -> Result<ReadAll, Rejection> {
    let (name, tree) = xml::read(text).map_err(|reason| Rejection::new("body", reason))?;
    if name != "OTA_HotelResNotifRQ" {
        let name: String = name.chars().take(40).collect();
        let reason = format!("is a {name}; send an OTA_HotelResNotifRQ");
        return Err(Rejection::new("body", reason));
    }
    let missing = || Rejection::new("HotelReservations.HotelReservation", "is missing");
    let path = "HotelReservations.HotelReservation";
    let items = super::list(&tree, &[path]).ok_or_else(missing)?;
    let sent = tree.get("@TimeStamp").cloned();
    let mut rooms = Vec::new();
    for item in items {
        rooms.extend(by_room(item, sent.as_ref()));
    }
    each(&rooms, |at| reservation(at, asked))
}

/// One tree for each room: the rooms after the first have their number behind the reservation's.
fn by_room(reservation: &Value, sent: Option<&Value>) -> Vec<Value> {
    let stays = super::list(reservation, &["RoomStays.RoomStay"]).unwrap_or_default();
    let count = stays.len().max(1);
    let rooms = (0..count).map(|index| {
        let mut room = reservation.clone();
        if let Some(room) = room.as_object_mut() {
            if count > 1 {
                room.insert(
                    "RoomStays".into(),
                    serde_json::json!({"RoomStay": stays.get(index)}),
                );
                room.insert("room".into(), (index + 1).into());
            }
            if let Some(sent) = sent {
                room.insert("sent".into(), sent.clone());
            }
        }
        room
    });
    rooms.collect()
}

fn reservation(at: &At<'_>, asked: &Asked<'_>) -> Result<Said, Rejection> {
    let mut said = Said::default();
    let stay = at.get("RoomStays.RoomStay");
    asked.must_be_here(&stay.get("BasicPropertyInfo.@HotelCode"))?;
    let room = at.get("room").whole()?.unwrap_or(1);
    let number = number(at)?;
    said.number = Some(match room {
        1 => number.clone(),
        room => format!("{number}-{room}"),
    });
    let span = stay.get("TimeSpan");
    for (field, name) in [("arrival", "@Start"), ("departure", "@End")] {
        let place = span.get(name);
        let day = place
            .text()?
            .map(|text| text.chars().take(10).collect::<String>());
        said.booking.put(field, day, &place);
    }
    said.booking
        .text("room_type", &stay.get("RoomTypes.RoomType.@RoomTypeCode"))?;
    let base = stay.get("RoomRates.RoomRate.Rates.Rate.Base");
    let after = base.get("@AmountAfterTax");
    let amount = if after.is_there() {
        after
    } else {
        base.get("@AmountBeforeTax")
    };
    said.booking
        .put("rate", money(&amount, &base.get("@CurrencyCode"))?, &amount);
    counts(&stay, &mut said)?;
    seller(at, &mut said)?;
    updated(at, &mut said, asked)?;
    state(at, &mut said)?;
    if let Some(guest) = primary(at, &mut said)? {
        said.person = person(&guest, &mut said, asked)?;
        if at.get("room").is_there() && said.person.id().is_none() {
            // All rooms are one guest's, though nothing but the reservation says who that is.
            let key = format!("reservation {number}");
            said.person.fields.put("guest_id", Some(key), &guest);
        }
    }
    let memberships = stay.get("Memberships.Membership");
    for one in memberships.items() {
        let programme = one.get("@ProgramCode").text()?;
        if asked.is_ours(programme.as_deref()) {
            said.person
                .fields
                .text("loyalty_number", &one.get("@AccountID"))?;
        } else {
            said.ignore(&one, &others(programme.as_deref()));
        }
    }
    let updated = said.booking.values.get("updated_at").cloned();
    said.person.fields.put("updated_at", updated, at);
    said.booked_by_person();
    requests(at, &stay, &mut said)?;
    Ok(said)
}

/// The seller's number of the reservation: the one of type 14, else the first.
fn number(at: &At<'_>) -> Result<String, Rejection> {
    let ids = at.get("UniqueID");
    let mut first = None;
    for id in ids.items() {
        let text = id.get("@ID").text()?;
        if id.get("@Type").text()?.as_deref() == Some("14") && text.is_some() {
            first = text;
            break;
        }
        first = first.or(text);
    }
    first.ok_or_else(|| ids.get("@ID").wrong("is missing"))
}

fn counts(stay: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let counts = stay.get("GuestCounts.GuestCount");
    let (mut adults, mut children) = (0, 0);
    for count in counts.items() {
        let number = count.get("@Count").whole()?.unwrap_or_default();
        // OpenTravel's age codes: 7 is an infant, 8 a child, 10 an adult.
        match count.get("@AgeQualifyingCode").text()?.as_deref() {
            Some("7" | "8") => children += number,
            _ => adults += number,
        }
    }
    if counts.is_there() {
        said.booking.put("adults", Some(adults), &counts);
        said.booking.put("children", Some(children), &counts);
    }
    Ok(())
}

/// Who sold it, and so by which channel.
fn seller(at: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let channel = at.get("POS.Source.BookingChannel");
    let company = channel.get("CompanyName");
    said.booking.text("agency", &company)?;
    let kind = channel.get("@Type");
    // OpenTravel's distribution types: 1 GDS, 4 and 5 direct and internet, 7 an agency on the internet.
    let code = match kind.text()?.as_deref() {
        Some("1") => Some("gds"),
        Some("4" | "5") => Some("direct"),
        Some("7") => Some("ota"),
        _ => None,
    };
    let code = code.or(company.is_there().then_some("ota"));
    said.booking.put("channel", code, &kind);
    Ok(())
}

/// When it was changed; a new one when it was made; else when the message was sent.
fn updated(at: &At<'_>, said: &mut Said, asked: &Asked<'_>) -> Result<(), Rejection> {
    let sent = at.get("sent");
    let mut told = moment(&sent, asked)?;
    for name in ["@CreateDateTime", "@LastModifyDateTime"] {
        told = moment(&at.get(name), asked)?.or(told);
    }
    said.booking
        .put("updated_at", told, &at.get("@LastModifyDateTime"));
    Ok(())
}

fn state(at: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let place = at.get("@ResStatus");
    let Some(status) = place.text()? else {
        return Ok(());
    };
    said.happened = Some(
        match status.to_lowercase().replace([' ', '-'], "").as_str() {
            "book" | "commit" | "modify" | "reserved" | "confirmed" => Happened::Booked,
            "cancel" | "cancelled" | "canceled" => Happened::Cancelled,
            "noshow" => Happened::NoShow,
            "inhouse" | "checkedin" => Happened::In(None),
            "checkedout" => Happened::Out,
            _ => {
                let reason = format!("'{status}' is not one of Book, Commit, Modify, Cancel");
                return Err(place.wrong(reason));
            }
        },
    );
    Ok(())
}

/// The first guest marked as primary, else the first. The others are named.
fn primary<'a>(at: &At<'a>, said: &mut Said) -> Result<Option<At<'a>>, Rejection> {
    let mut chosen: Option<At<'a>> = None;
    let mut others = Vec::new();
    for guest in at.get("ResGuests.ResGuest").items() {
        let is_primary = guest.get("@PrimaryIndicator").flag()? == Some(true);
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
            "shares the booking; it is the primary guest's"
        };
        said.ignore(&guest, why);
    }
    Ok(chosen)
}

fn person(guest: &At<'_>, said: &mut Said, asked: &Asked<'_>) -> Result<Person, Rejection> {
    let mut person = Person::default();
    let info = guest.get("Profiles.ProfileInfo");
    let id = info.get("UniqueID");
    // Type 1 is a customer; others are companies and agencies.
    if matches!(id.get("@Type").text()?.as_deref(), None | Some("1")) {
        person.fields.text("guest_id", &id.get("@ID"))?;
    }
    let profile = info.get("Profile");
    let (out, market) = (
        profile.get("@ShareAllOptOutInd"),
        profile.get("@ShareAllMarketInd"),
    );
    if out.flag()? == Some(true) || market.flag()? == Some(false) {
        person.fields.put("email_consent", Some(false), &out);
    }
    let customer = profile.get("Customer");
    let name = customer.get("PersonName");
    for (field, place) in [
        ("given_name", name.get("GivenName")),
        ("family_name", name.get("Surname")),
        ("salutation", name.get("NamePrefix")),
        ("birth_date", customer.get("@BirthDate")),
        ("gender", customer.get("@Gender")),
        ("language", customer.get("@Language")),
        ("email", customer.get("Email")),
        ("document_number", customer.get("Document.@DocID")),
    ] {
        person.fields.text(field, &place)?;
    }
    let phone = customer.get("Telephone");
    let number = phone.get("@PhoneNumber").text()?;
    let country = phone.get("@CountryAccessCode").text()?;
    let number = number.map(|number| match country {
        Some(code) if !number.starts_with(['+', '0']) => {
            format!("+{} {number}", code.trim_start_matches('+'))
        }
        _ => number,
    });
    person.fields.put("phone", number, &phone);
    let address = customer.get("Address");
    let lines: Vec<String> = address
        .get("AddressLine")
        .items()
        .iter()
        .filter_map(|line| line.text().transpose())
        .collect::<Result<_, _>>()?;
    let street = (!lines.is_empty()).then(|| lines.join(", "));
    person
        .fields
        .put("street", street, &address.get("AddressLine"));
    person.fields.text("city", &address.get("CityName"))?;
    person
        .fields
        .text("postal_code", &address.get("PostalCode"))?;
    let country = address.get("CountryName");
    let code = country.get("@Code");
    let country = if code.is_there() { code } else { country };
    person.fields.text("country", &country)?;
    let vip = customer.get("@VIP_Indicator");
    if vip.flag()? == Some(true) {
        person.fields.put("vip_level", Some(1_i64), &vip);
    }
    for one in customer.get("CustLoyalty").items() {
        let programme = one.get("@ProgramID").text()?;
        if asked.is_ours(programme.as_deref()) {
            person
                .fields
                .text("loyalty_number", &one.get("@MembershipID"))?;
        } else {
            said.ignore(&one, &others(programme.as_deref()));
        }
    }
    Ok(person)
}

/// Requests and comments, of the room, of the guest and of the whole.
fn requests(at: &At<'_>, stay: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    let (mut codes, mut words) = (Vec::new(), Vec::new());
    let arrival = at.get("ResGuests.ResGuest.@ArrivalTime");
    if let Some(time) = arrival.text()? {
        words.push(format!("Arrives at {time}"));
    }
    for level in [
        stay.clone(),
        at.get("ResGuests.ResGuest"),
        at.get("ResGlobalInfo"),
    ] {
        let asked = level.get("SpecialRequests.SpecialRequest").items();
        let said_so = level.get("Comments.Comment").items();
        for one in asked.into_iter().chain(said_so) {
            one.get("@CodeContext").is_read();
            let code = one.get("@RequestCode");
            let mut texts = one.get("Text").items();
            texts.push(code);
            for text in texts {
                if let Some(written) = text.text()? {
                    said.request(&mut codes, &mut words, &written, &text);
                }
            }
        }
    }
    said.requests(codes, words);
    Ok(())
}
