//! The guest's card at the host stand: who this is, what must not go wrong, where they sit best.

use chrono::TimeDelta;

use super::{Here, Room};
use crate::dining::card::{Card, Known};
use crate::dining::floor::Floor;
use crate::dining::memory::{self, Habits, Memory};
use crate::dining::seating::{self, Offer, Wish};
use crate::dining::visit::{Party, Status};
use crate::dining::waiting;
use crate::guests::Guest;
use crate::web::AppError;
use crate::web::desk::View;
use crate::web::pills;
use crate::words::{Message, Words};

/// Places that are offered.
const OFFERED: usize = 3;

/// The card.
pub(super) struct GuestPanel {
    pub visit: Option<i64>,
    /// The guest's opaque id, where it is known who it is.
    pub guest: Option<String>,
    pub guest_id: Option<i64>,
    pub stay: Option<i64>,
    pub title: String,
    pub sub: String,
    pub say: String,
    pub allergies: Vec<(String, String)>,
    pub needs: Vec<String>,
    pub discreet: bool,
    pub apologise: Option<String>,
    pub occasion: Option<String>,
    pub offers: Vec<OfferLine>,
    /// What is said where nothing can be offered.
    pub nothing: String,
    /// How long they would wait, in words.
    pub wait: String,
    pub likes: Vec<(String, String)>,
    pub covers: i64,
    pub status: Option<Status>,
    /// Where they sit, and until when.
    pub sits: Option<(String, String)>,
    /// Ids of the tables that were tapped for them.
    pub tapped: Option<(String, String)>,
    pub can_split: bool,
    pub own: Vec<i64>,
    pub best: Vec<i64>,
}

/// A place as it is offered.
pub(super) struct OfferLine {
    /// `4` or `11+12`.
    pub ids: String,
    pub name: String,
    pub features: String,
    pub kept: String,
    pub until: Option<String>,
    pub short: bool,
    pub lost: String,
}

impl GuestPanel {
    /// Whether they can still be seated.
    pub fn is_to_seat(&self) -> bool {
        self.status.is_none_or(Status::is_to_come)
    }

    /// What says who it is in links and forms.
    pub fn query(&self) -> String {
        match (self.visit, &self.guest) {
            (Some(id), _) => format!("visit={id}&"),
            (None, Some(guest)) => format!("guest={guest}&covers={}&", self.covers),
            (None, None) => format!("covers={}&", self.covers),
        }
    }

    /// The first place, for the main action.
    pub fn first(&self) -> Option<&OfferLine> {
        self.offers.first()
    }

    /// The places after the first.
    pub fn others(&self) -> &[OfferLine] {
        self.offers.get(1..).unwrap_or_default()
    }

    /// The table that was tapped, where it can't be had.
    pub fn refused(&self) -> Option<&str> {
        let (id, name) = self.tapped.as_ref()?;
        let offered = self.first().is_some_and(|offer| offer.ids == *id);
        let own = self.own.iter().any(|own| own.to_string() == *id);
        (!offered && !own).then_some(name.as_str())
    }

    /// Another table that was tapped for a party that sits.
    pub fn moves_to(&self) -> Option<&(String, String)> {
        self.tapped
            .as_ref()
            .filter(|(id, _)| !self.own.iter().any(|own| own.to_string() == *id))
    }

    /// Some of them and the rest.
    pub fn parts(&self) -> std::ops::Range<i64> {
        1..self.covers
    }

    pub fn fewer(&self) -> String {
        self.with((self.covers - 1).max(1))
    }

    pub fn more(&self) -> String {
        self.with((self.covers + 1).min(99))
    }

    /// The same for another number of people.
    pub fn with(&self, covers: i64) -> String {
        match (self.visit, &self.guest) {
            (Some(id), _) => format!("visit={id}&covers={covers}"),
            (None, Some(guest)) => format!("guest={guest}&covers={covers}"),
            (None, None) => format!("covers={covers}"),
        }
    }
}

/// Who the card is of.
pub(super) enum Whose<'a> {
    Party(&'a Party),
    Guest(Box<Guest>),
    /// Somebody who came in, and is not known.
    Nobody,
}

pub(super) fn load(
    view: &mut View<'_>,
    here: &Here,
    room: &Room,
    whose: Whose<'_>,
    covers: Option<i64>,
    tapped: Option<i64>,
) -> Result<GuestPanel, AppError> {
    let (party, guest) = match whose {
        Whose::Party(party) => (Some(party), party.guest.clone()),
        Whose::Guest(guest) => (None, Some(*guest)),
        Whose::Nobody => (None, None),
    };
    let (meal, date) = here.meal();
    let memory = match &guest {
        Some(guest) => Memory::load(view.conn, guest.person_id, here.house.id)?,
        None => Memory::default(),
    };
    let habits = Habits::of(&memory.visits, here.outlet.id, meal);
    let favourites = match &guest {
        Some(guest) if !memory.visits.is_empty() => {
            memory::favourites(view.conn, guest.person_id, &memory.visits)?
        }
        _ => Vec::new(),
    };
    let covers = covers
        .filter(|covers| (1..=99).contains(covers))
        .or(party.map(|party| party.visit.covers))
        .or(memory
            .stay
            .as_ref()
            .map(|stay| (stay.adults + stay.children).max(1)))
        .unwrap_or(2);
    let requested: Vec<&str> = party
        .iter()
        .flat_map(|p| p.visit.requested_codes())
        .collect();
    let wishes = seating::wishes(&memory.preferences, &requested, &habits, here.house.id);
    let floor = Floor::of(&room.plan, &room.parties, here.now);
    let seeking = seating::Party {
        covers,
        usual: habits.usual.as_ref().map(|usual| usual.table_id),
        from: here.now,
        turn: TimeDelta::minutes(room.turn(covers)),
        wishes,
    };
    let own = party.map(|party| party.visit.id);
    let mut offers = seating::rank(&seeking, floor.places(here.now, own));
    // Who has a table booked or held gets it, unless another was tapped.
    let booked = party.map_or(&[][..], |party| party.tables.as_slice());
    let first = |offer: &Offer<'_>| {
        let ids = offer.place.ids();
        match tapped {
            Some(table) => ids == [table],
            None => !booked.is_empty() && ids == booked,
        }
    };
    if let Some(at) = offers.iter().position(first) {
        let offer = offers.remove(at);
        offers.insert(0, offer);
    }
    let queue: Vec<i64> = room
        .parties
        .iter()
        .filter(|other| other.visit.status == Status::Waiting && Some(other.visit.id) != own)
        .map(|other| other.visit.covers)
        .chain([covers])
        .collect();
    let wait = room.turns.and_then(|turns| {
        waiting::waits(&room.plan, &floor, &queue, turns, here.now)
            .pop()
            .flatten()
    });
    let card = guest.as_ref().map(|guest| {
        Card::of(&Known {
            guest,
            memory: &memory,
            habits: &habits,
            wishes: &seeking.wishes,
            best: offers.first(),
            today: date,
        })
    });
    let words = view.words();
    let tell = |message: &Message| words.tell(message);
    let name = card.as_ref().map_or_else(
        || {
            party.map_or_else(
                || words.say("party-unnamed").to_owned(),
                |party| tell(&party.name()),
            )
        },
        |card| tell(&card.name),
    );
    let seated = party.filter(|party| party.visit.status == Status::Seated);
    let known_allergies: Vec<&str> = card
        .iter()
        .flat_map(|card| card.allergies.iter().map(|(code, _)| code.as_str()))
        .collect();
    let table_needs = party.map_or(&[][..], |party| party.needs.as_slice());
    Ok(GuestPanel {
        visit: own,
        guest: guest.as_ref().map(|guest| guest.public_id.clone()),
        guest_id: guest.as_ref().map(|guest| guest.id),
        stay: memory.stay.as_ref().map(|stay| stay.id),
        title: tell(
            &Message::new("table-for")
                .text("name", name)
                .number("covers", covers),
        ),
        sub: sub(guest.as_ref(), &memory, &habits, here, party, words),
        say: card
            .as_ref()
            .map_or_else(String::new, |card| tell(&card.say)),
        needs: table_needs
            .iter()
            .filter(|code| !known_allergies.contains(&code.as_str()))
            .map(|code| words.feature(code).to_owned())
            .collect(),
        allergies: card
            .iter()
            .flat_map(|card| &card.allergies)
            .map(|(code, why)| (pills::allergen(words.feature(code)), tell(why)))
            .collect(),
        discreet: card.as_ref().is_some_and(|card| card.discreet),
        apologise: card
            .as_ref()
            .and_then(|card| card.apologise.as_ref())
            .map(tell),
        occasion: card
            .as_ref()
            .and_then(|card| card.occasion.as_ref())
            .map(tell),
        nothing: nothing(wait, &seeking, words),
        likes: favourites
            .iter()
            .map(|favourite| {
                let why = tell(&super::orders::why(favourite, &habits));
                (favourite.dish.label(words.language).to_owned(), why)
            })
            .chain(
                card.iter()
                    .flat_map(|card| &card.likes)
                    .map(|line| (tell(&line.text), tell(&line.evidence))),
            )
            .collect(),
        best: offers
            .first()
            .map(|offer| offer.place.ids())
            .unwrap_or_default(),
        offers: offers
            .iter()
            .take(OFFERED)
            .map(|offer| offer_line(offer, &seeking.wishes, here, words))
            .collect(),
        wait: match wait {
            Some(minutes) if minutes > 0 => words.count("party-waits", minutes),
            _ => String::new(),
        },
        covers,
        status: party.map(|party| party.visit.status),
        sits: seated.map(|party| {
            (
                room.plan.name_of(&party.tables),
                here.clock(party.visit.ends_at),
            )
        }),
        tapped: tapped.and_then(|id| {
            let table = room.plan.table(id)?;
            Some((id.to_string(), table.name.clone()))
        }),
        can_split: seated.is_some_and(|party| party.visit.covers > 1),
        own: party.map(|party| party.tables.clone()).unwrap_or_default(),
    })
}

/// "Room 1208 · Gold · 9th dinner with us".
fn sub(
    guest: Option<&Guest>,
    memory: &Memory,
    habits: &Habits,
    here: &Here,
    party: Option<&Party>,
    words: &Words,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    let room = memory
        .stay
        .as_ref()
        .and_then(|stay| stay.room.clone())
        .or_else(|| party?.room.clone());
    parts.extend(room.map(|room| words.fill("room-number", room)));
    parts.extend(memory.tier.as_ref().map(|tier| words.code("tier", tier)));
    if guest.is_some() {
        let (meal, _) = here.meal();
        let nth = match meal {
            crate::dining::Meal::Breakfast => Message::new("nth-breakfast"),
            crate::dining::Meal::Lunch => Message::new("nth-lunch"),
            crate::dining::Meal::Tea => Message::new("nth-tea"),
            crate::dining::Meal::Dinner => Message::new("nth-dinner"),
            crate::dining::Meal::Late => Message::new("nth-late"),
        };
        parts.push(words.tell(&nth.ordinal("number", habits.number)));
    }
    parts.join(" · ")
}

fn offer_line(offer: &Offer<'_>, wishes: &[Wish], here: &Here, words: &Words) -> OfferLine {
    let ids: Vec<String> = offer.place.ids().iter().map(i64::to_string).collect();
    let mut features: Vec<&str> = offer
        .place
        .tables
        .iter()
        .flat_map(|table| table.features.iter().map(String::as_str))
        .collect();
    features.sort_unstable();
    features.dedup();
    let features: Vec<String> = features
        .into_iter()
        .map(|code| words.feature(code).to_owned())
        .collect();
    let lost: Vec<String> = offer
        .lost
        .iter()
        .filter_map(|&index| wishes.get(index))
        .map(|wish| {
            let label = words.feature(wish.feature.code);
            if wish.wanted {
                words.fill("table-lacks", label)
            } else {
                label.to_owned()
            }
        })
        .collect();
    OfferLine {
        ids: ids.join("+"),
        name: offer.place.name(),
        features: features.join(", "),
        kept: if wishes.is_empty() {
            String::new()
        } else {
            words.tell(
                &Message::new("table-keeps")
                    .number("kept", offer.kept.len() as i64)
                    .number("of", wishes.len() as i64),
            )
        },
        until: offer.place.until.map(|until| here.clock(until)),
        short: offer.is_short,
        lost: lost.join(", "),
    }
}

/// Why nothing is offered, and what can be said instead.
fn nothing(wait: Option<i64>, seeking: &seating::Party, words: &Words) -> String {
    let need = seeking.wishes.iter().find(|wish| wish.need);
    let message = match (wait, need) {
        (Some(0), None) => Message::new("table-none-soon"),
        (Some(wait), None) => Message::new("table-none-wait").number("count", wait),
        (_, Some(need)) => Message::new("table-none-need").wish("feature", need.feature.code),
        (None, None) => Message::new("table-none"),
    };
    words.tell(&message)
}
