//! Mews: reservations with the customers, resources and categories they refer to, and customers alone.

use std::collections::HashMap;

use chrono::DateTime;
use serde_json::Value;

use super::ohip::others;
use super::reader::{At, Payload};
use super::{Asked, Happened, Person, ReadAll, Said, each, moment};
use crate::error::Rejection;

/// What reservations refer to by id, as the same payload explains it.
struct Referred<'a> {
    customers: HashMap<&'a str, &'a Value>,
    companies: HashMap<&'a str, &'a Value>,
    resources: HashMap<&'a str, &'a Value>,
    categories: HashMap<&'a str, &'a Value>,
    ages: HashMap<&'a str, &'a Value>,
}

impl<'a> Referred<'a> {
    fn of(body: &'a Value) -> Self {
        let by_id = |name: &str| {
            let items = body.get(name).and_then(Value::as_array);
            let items = items.map_or(&[][..], Vec::as_slice).iter();
            items
                .filter_map(|item| Some((item.get("Id")?.as_str()?, item)))
                .collect()
        };
        Self {
            customers: by_id("Customers"),
            companies: by_id("Companies"),
            resources: by_id("Resources"),
            categories: by_id("ResourceCategories"),
            ages: by_id("AgeCategories"),
        }
    }
}

/// Reads reservations, each with its guest where the payload has the customer too.
pub fn reservations(body: &Value, asked: &Asked<'_>) -> Result<ReadAll, Rejection> {
    let referred = Referred::of(body);
    each(items(body, "Reservations")?, |at| {
        reservation(at, &referred, asked)
    })
}

/// Reads customers.
pub fn customers(body: &Value, asked: &Asked<'_>) -> Result<ReadAll, Rejection> {
    each(items(body, "Customers")?, |at| {
        let mut said = Said::default();
        at.get("Id").required()?;
        said.person = customer(at, &mut said, asked)?;
        Ok(said)
    })
}

fn items<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], Rejection> {
    let items = body.get(name).and_then(Value::as_array);
    let missing = || Rejection::new(name, "is missing, or not a list");
    items.map(Vec::as_slice).ok_or_else(missing)
}

fn reservation(at: &At<'_>, referred: &Referred<'_>, asked: &Asked<'_>) -> Result<Said, Rejection> {
    let mut said = Said {
        number: Some(at.get("Number").required()?),
        ..Said::default()
    };
    // Our name for the reservation is its number.
    at.get("Id").is_read();
    for (field, names) in [
        ("arrival", ["ScheduledStartUtc", "StartUtc"]),
        ("departure", ["ScheduledEndUtc", "EndUtc"]),
    ] {
        let place = names
            .map(|name| at.get(name))
            .into_iter()
            .find(At::is_there);
        let place = place.unwrap_or_else(|| at.get(names[0]));
        said.booking.put(field, day(&place, asked)?, &place);
    }
    let created = at.get("CreatedUtc");
    said.booking
        .put("booked_on", day(&created, asked)?, &created);
    let updated = at.get("UpdatedUtc");
    said.booking
        .put("updated_at", moment(&updated, asked)?, &updated);
    let category = at.get("RequestedResourceCategoryId");
    let code = named(
        &category,
        &referred.categories,
        "ResourceCategories",
        code_of,
        &mut said,
    )?;
    said.booking.put("room_type", code, &category);
    let resource = at.get("AssignedResourceId");
    let name = |one: &Value| text(one, &["Name", "ExternalIdentifier"]);
    let room = named(&resource, &referred.resources, "Resources", name, &mut said)?;
    said.booking.put("room", room.clone(), &resource);
    persons(at, referred, &mut said)?;
    channel(at, &mut said)?;
    let agency = at.get("TravelAgencyId");
    let name = |one: &Value| text(one, &["Name"]);
    let sold_by = named(&agency, &referred.companies, "Companies", name, &mut said)?;
    said.booking.put("agency", sold_by, &agency);
    state(at, room, &mut said)?;
    guest(at, referred, &mut said, asked)?;
    said.booked_by_person();
    let company = at.get("PartnerCompanyId");
    let employer = named(&company, &referred.companies, "Companies", name, &mut said)?;
    said.booking.put("company", employer, &company);
    Ok(said)
}

/// The day of a moment in UTC, in the house.
fn day(at: &At<'_>, asked: &Asked<'_>) -> Result<Option<String>, Rejection> {
    let Some(text) = at.text()? else {
        return Ok(None);
    };
    let moment = DateTime::parse_from_rfc3339(&text).map_err(|_| {
        at.wrong(format!(
            "'{text}' is not a moment in UTC, such as 2026-11-24T14:00:00Z"
        ))
    })?;
    let utc = moment.naive_utc();
    let local = asked.house.map_or(utc, |house| house.local(utc));
    Ok(Some(local.date().to_string()))
}

/// The first of these fields that says something; of texts by language, the first.
fn text(one: &Value, fields: &[&str]) -> Option<String> {
    let found = fields.iter().find_map(|field| match one.get(field)? {
        Value::String(text) => Some(text.as_str()),
        Value::Object(by_language) => by_language.values().find_map(Value::as_str),
        _ => None,
    });
    found
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn code_of(category: &Value) -> Option<String> {
    text(
        category,
        &[
            "ExternalIdentifier",
            "ShortNames",
            "ShortName",
            "Names",
            "Name",
        ],
    )
}

/// What an id stands for. An id that the payload does not explain is named, and the reservation taken in without.
fn named(
    at: &At<'_>,
    known: &HashMap<&str, &Value>,
    list: &str,
    name: impl Fn(&Value) -> Option<String>,
    said: &mut Said,
) -> Result<Option<String>, Rejection> {
    let Some(id) = at.text()? else {
        return Ok(None);
    };
    let found = known.get(id.as_str()).and_then(|one| name(one));
    if found.is_none() {
        said.ignore(
            at,
            &format!("'{id}' is not explained in {list} of this call"),
        );
    }
    Ok(found)
}

/// How many come, by what the payload calls adults and children.
fn persons(at: &At<'_>, referred: &Referred<'_>, said: &mut Said) -> Result<(), Rejection> {
    let counts = at.get("PersonCounts");
    let (mut adults, mut children) = (0, 0);
    for count in counts.items() {
        let id = count.get("AgeCategoryId").text()?.unwrap_or_default();
        let age = referred.ages.get(id.as_str());
        let class = age.and_then(|age| text(age, &["Classification"]));
        let number = count.get("Count").whole()?.unwrap_or_default();
        match class.as_deref() {
            Some("Child") => children += number,
            _ => adults += number,
        }
    }
    if counts.is_there() {
        said.booking.put("adults", Some(adults), &counts);
        said.booking.put("children", Some(children), &counts);
    }
    Ok(())
}

fn channel(at: &At<'_>, said: &mut Said) -> Result<(), Rejection> {
    for name in ["CommanderOrigin", "Origin"] {
        let origin = at.get(name);
        let Some(text) = origin.text()? else { continue };
        let channel = match text.as_str() {
            "InPerson" => "walk_in",
            "Phone" | "Telephone" => "phone",
            "Distributor" | "Navigator" | "Website" | "Email" | "Message" => "direct",
            "ChannelManager" => "ota",
            "Gds" => "gds",
            // The house's own staff and imports: where the guest booked is not said.
            "Commander" | "Import" | "Connector" => continue,
            _ => {
                said.ignore(&origin, &format!("'{text}' is no channel we know"));
                continue;
            }
        };
        if !said.booking.values.contains_key("channel") {
            said.booking.put("channel", Some(channel), &origin);
        }
    }
    Ok(())
}

fn state(at: &At<'_>, room: Option<String>, said: &mut Said) -> Result<(), Rejection> {
    let place = at.get("State");
    let Some(state) = place.text()? else {
        return Ok(());
    };
    let reason = at.get("CancellationReason").text()?.unwrap_or_default();
    said.happened = Some(match state.as_str() {
        "Confirmed" => Happened::Booked,
        "Started" => Happened::In(room),
        "Processed" => Happened::Out,
        "Canceled" if reason.to_lowercase().replace(['-', '_', ' '], "") == "noshow" => {
            Happened::NoShow
        }
        "Canceled" => Happened::Cancelled,
        "Inquired" | "Requested" | "Optional" => {
            let reason = format!("'{state}' is not a booking yet; send it when it is one");
            return Err(place.wrong(reason));
        }
        _ => {
            let reason = format!("'{state}' is not one of Confirmed, Started, Processed, Canceled");
            return Err(place.wrong(reason));
        }
    });
    Ok(())
}

/// The guest is the account's customer; of a company's booking, who booked.
fn guest(
    at: &At<'_>,
    referred: &Referred<'_>,
    said: &mut Said,
    asked: &Asked<'_>,
) -> Result<(), Rejection> {
    let is_company = at.get("AccountType").text()?.as_deref() == Some("Company");
    let account = [at.get("AccountId"), at.get("CustomerId")]
        .into_iter()
        .find(At::is_there);
    let owner = account.unwrap_or_else(|| at.get("AccountId"));
    let booker = at.get("BookerId");
    let place = if is_company { &booker } else { &owner };
    if is_company {
        let name = |one: &Value| text(one, &["Name"]);
        let company = named(&owner, &referred.companies, "Companies", name, said)?;
        said.person.fields.put("company", company.clone(), &owner);
    }
    let Some(id) = place.text()? else {
        return Ok(());
    };
    let company = said.person.fields.clone();
    match referred.customers.get(id.as_str()) {
        Some(customer_json) => {
            let payload = Payload::new(customer_json);
            said.person = customer(&payload.root(), said, asked)?;
            said.person.fields.values.extend(company.values);
            let unread = payload.unread().into_iter();
            said.ignored
                .extend(unread.map(|place| format!("Customers.{place}")));
        }
        None => said.person.fields.put("guest_id", Some(id), place),
    }
    Ok(())
}

fn customer(at: &At<'_>, said: &mut Said, asked: &Asked<'_>) -> Result<Person, Rejection> {
    let mut person = Person::default();
    let text = |person: &mut Person, field: &'static str, name: &str| {
        person.fields.text(field, &at.get(name))
    };
    for (field, name) in [
        ("guest_id", "Id"),
        ("given_name", "FirstName"),
        ("birth_date", "BirthDate"),
        ("country", "NationalityCode"),
        ("email", "Email"),
        ("phone", "Phone"),
        ("city", "Address.City"),
        ("postal_code", "Address.PostalCode"),
    ] {
        text(&mut person, field, name)?;
    }
    let surnames = [at.get("LastName"), at.get("SecondLastName")];
    let surname: Vec<String> = surnames
        .iter()
        .filter_map(|name| name.text().transpose())
        .collect::<Result<_, _>>()?;
    let surname = (!surname.is_empty()).then(|| surname.join(" "));
    person.fields.put("family_name", surname, &surnames[0]);
    for name in ["PreferredLanguageCode", "LanguageCode"] {
        if !person.fields.values.contains_key("language") {
            text(&mut person, "language", name)?;
        }
    }
    for name in ["Sex", "Gender"] {
        text(&mut person, "gender", name)?;
    }
    if !person.fields.values.contains_key("country") {
        text(&mut person, "country", "Address.CountryCode")?;
    }
    let lines: Vec<String> = ["Address.Line1", "Address.Line2"]
        .iter()
        .filter_map(|name| at.get(name).text().transpose())
        .collect::<Result<_, _>>()?;
    let street = (!lines.is_empty()).then(|| lines.join(", "));
    person
        .fields
        .put("street", street, &at.get("Address.Line1"));
    for name in ["Passport.Number", "IdentityCard.Number"] {
        if !person.fields.values.contains_key("document_number") {
            text(&mut person, "document_number", name)?;
        }
    }
    person.is_masked = at.get("HasOtaEmail").flag()? == Some(true);
    person.merged_into = at.get("MergeTargetId").text()?;
    // Whoever was joined to another is no longer active; that is what joined means.
    if person.merged_into.is_some() {
        at.get("IsActive").is_read();
    }
    let code = at.get("LoyaltyCode");
    if code.text()?.is_some() {
        if asked.is_ours(Some("LoyaltyCode")) {
            person.fields.text("loyalty_number", &code)?;
        } else {
            said.ignore(&code, &others(Some("LoyaltyCode")));
        }
    }
    classes(at, &mut person, said)?;
    let options = at.get("Options");
    let has_mail = options
        .items()
        .iter()
        .any(|option| matches!(option.text(), Ok(Some(text)) if text == "SendMarketingEmails"));
    if options.is_there() {
        person.fields.put("email_consent", Some(has_mail), &options);
    }
    wishes(at, &mut person, said)?;
    let updated = at.get("UpdatedUtc");
    person
        .fields
        .put("updated_at", moment(&updated, asked)?, &updated);
    Ok(person)
}

/// Classifications: a VIP is one, who was blacklisted or complained is noted, and who can't walk far is asked about.
fn classes(at: &At<'_>, person: &mut Person, said: &mut Said) -> Result<(), Rejection> {
    let mut noted = Vec::new();
    for class in at.get("Classifications").items() {
        match class.text()?.as_deref() {
            Some("VeryImportant") => person.fields.put("vip_level", Some(1_i64), &class),
            Some(name @ ("PreviousComplaint" | "Blacklist" | "DisabledPerson")) => {
                noted.push(name.to_owned());
            }
            // We know ourselves who has been here.
            Some("Returning") | None => {}
            Some(name) => said.ignore(&class, &format!("'{name}' is no class we know")),
        }
    }
    let notes = at.get("Notes");
    let text = notes.text()?;
    if let Some(text) = &text {
        person.wish(text);
    }
    let all: Vec<String> = text
        .into_iter()
        .chain((!noted.is_empty()).then(|| noted.join(", ")))
        .collect();
    let all = (!all.is_empty()).then(|| all.join("\n"));
    person.fields.put("note", all, &notes);
    Ok(())
}

fn wishes(at: &At<'_>, person: &mut Person, said: &mut Said) -> Result<(), Rejection> {
    let diet = at.get("DietaryRequirements");
    let spaces = at.get("PreferredSpaceFeatures");
    for place in std::iter::once(diet).chain(spaces.items()) {
        let Some(text) = place.text()? else { continue };
        // `SeaView` is a code of theirs: its words are what it means.
        let words: String = text.chars().fold(String::new(), |mut words, c| {
            if c.is_ascii_uppercase() && words.ends_with(|last: char| last.is_ascii_lowercase()) {
                words.push(' ');
            }
            words.push(c);
            words
        });
        let before = person.wishes.len();
        person.wish(&words);
        if person.wishes.len() == before {
            said.ignore(&place, &format!("'{text}' is no preference we know"));
        }
    }
    Ok(())
}
