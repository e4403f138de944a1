//! The guest's card at the host stand: who this is, what must not go wrong, where they sit best.

use chrono::TimeDelta;

use super::{Here, Room};
use crate::dining::Meal;
use crate::dining::card::{Card, Known};
use crate::dining::dishes::Favourite;
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
    let (meal, _) = here.meal();
    let memory = match &guest {
        Some(guest) => Memory::load(view.conn, guest.person_id, here.house.id)?,
        None => Memory::default(),
    };
    let favourites = match &guest {
        Some(guest) if !memory.visits.is_empty() => {
            memory::favourites(view.conn, guest.person_id, &memory.visits)?
        }
        _ => Vec::new(),
    };
    let who = Who {
        here,
        room,
        party,
        covers: how_many(covers, party, &memory),
        habits: Habits::of(&memory.visits, here.outlet.id, meal),
        guest,
        memory,
        favourites,
        tapped,
    };
    Ok(who.panel(view.words()))
}

/// How many they are: as was said, as was booked, or as many as the stay has.
fn how_many(said: Option<i64>, party: Option<&Party>, memory: &Memory) -> i64 {
    let stay = memory.stay.as_ref();
    said.filter(|covers| (1..=99).contains(covers))
        .or(party.map(|party| party.visit.covers))
        .or(stay.map(|stay| (stay.adults + stay.children).max(1)))
        .unwrap_or(2)
}

/// Everything the card is made of.
struct Who<'a> {
    here: &'a Here,
    room: &'a Room,
    party: Option<&'a Party>,
    guest: Option<Guest>,
    memory: Memory,
    habits: Habits,
    favourites: Vec<Favourite>,
    covers: i64,
    tapped: Option<i64>,
}

impl Who<'_> {
    fn panel(&self, words: &Words) -> GuestPanel {
        let seeking = self.seeking();
        let floor = Floor::of(&self.room.plan, &self.room.parties, self.here.now);
        let offers = self.offers(&seeking, &floor);
        let wait = self.wait(&floor);
        let (_, today) = self.here.meal();
        let card = self.guest.as_ref().map(|guest| {
            Card::of(&Known {
                guest,
                memory: &self.memory,
                habits: &self.habits,
                wishes: &seeking.wishes,
                best: offers.first(),
                today,
            })
        });
        let card = card.as_ref();
        let party = self.party;
        let seated = party.filter(|party| party.visit.status == Status::Seated);
        let tell = |message: &Message| words.tell(message);
        GuestPanel {
            visit: party.map(|party| party.visit.id),
            guest: self.guest.as_ref().map(|guest| guest.public_id.clone()),
            guest_id: self.guest.as_ref().map(|guest| guest.id),
            stay: self.memory.stay.as_ref().map(|stay| stay.id),
            title: self.title(card, words),
            sub: self.sub(words),
            say: card.map_or_else(String::new, |card| tell(&card.say)),
            needs: self.needs(card, words),
            allergies: card
                .into_iter()
                .flat_map(|card| &card.allergies)
                .map(|(code, why)| (pills::allergen(words.feature(code)), tell(why)))
                .collect(),
            discreet: card.is_some_and(|card| card.discreet),
            apologise: card.and_then(|card| card.apologise.as_ref()).map(tell),
            occasion: card.and_then(|card| card.occasion.as_ref()).map(tell),
            nothing: nothing(wait, &seeking, words),
            likes: self.likes(card, words),
            best: offers
                .first()
                .map(|offer| offer.place.ids())
                .unwrap_or_default(),
            offers: offers
                .iter()
                .take(OFFERED)
                .map(|offer| offer_line(offer, &seeking.wishes, self.here, words))
                .collect(),
            wait: match wait {
                Some(minutes) if minutes > 0 => words.count("party-waits", minutes),
                _ => String::new(),
            },
            covers: self.covers,
            status: party.map(|party| party.visit.status),
            sits: seated.map(|party| {
                let until = self.here.clock(party.visit.ends_at);
                (self.room.plan.name_of(&party.tables), until)
            }),
            tapped: self.tapped.and_then(|id| {
                let table = self.room.plan.table(id)?;
                Some((id.to_string(), table.name.clone()))
            }),
            can_split: seated.is_some_and(|party| party.visit.covers > 1),
            own: party.map(|party| party.tables.clone()).unwrap_or_default(),
        }
    }

    fn seeking(&self) -> seating::Party {
        let asked = self.party.iter().flat_map(|p| p.visit.requested_codes());
        let asked: Vec<&str> = asked.collect();
        let house = self.here.house.id;
        seating::Party {
            covers: self.covers,
            usual: self.habits.usual.as_ref().map(|usual| usual.table_id),
            from: self.here.now,
            turn: TimeDelta::minutes(self.room.turn(self.covers)),
            wishes: seating::wishes(&self.memory.preferences, &asked, &self.habits, house),
        }
    }

    /// The best places first; before them the table that was tapped, or else the one they have booked or held.
    fn offers<'f>(&self, seeking: &seating::Party, floor: &Floor<'f>) -> Vec<Offer<'f>> {
        let own = self.party.map(|party| party.visit.id);
        let booked = self.party.map_or(&[][..], |party| party.tables.as_slice());
        let mut offers = seating::rank(seeking, floor.places(self.here.now, own));
        let first = |offer: &Offer<'_>| {
            let ids = offer.place.ids();
            match self.tapped {
                Some(table) => ids == [table],
                None => !booked.is_empty() && ids == booked,
            }
        };
        if let Some(at) = offers.iter().position(first) {
            let offer = offers.remove(at);
            offers.insert(0, offer);
        }
        offers
    }

    /// How long they would wait behind those who wait already.
    fn wait(&self, floor: &Floor<'_>) -> Option<i64> {
        let own = self.party.map(|party| party.visit.id);
        let before =
            self.room.parties.iter().filter(|other| {
                other.visit.status == Status::Waiting && Some(other.visit.id) != own
            });
        let queue: Vec<i64> = before
            .map(|other| other.visit.covers)
            .chain([self.covers])
            .collect();
        let turns = self.room.turns?;
        waiting::waits(&self.room.plan, floor, &queue, turns, self.here.now).pop()?
    }

    fn title(&self, card: Option<&Card>, words: &Words) -> String {
        let name = match (card, self.party) {
            (Some(card), _) => card.name.clone(),
            (None, Some(party)) => party.name(),
            (None, None) => Message::new("party-unnamed"),
        };
        let title = Message::new("table-for").message("name", name);
        words.tell(&title.number("covers", self.covers))
    }

    /// What others at the table must not get.
    fn needs(&self, card: Option<&Card>, words: &Words) -> Vec<String> {
        let own = |code: &String| {
            let mut allergies = card.into_iter().flat_map(|card| &card.allergies);
            allergies.any(|(known, _)| known == code)
        };
        let needs = self.party.map_or(&[][..], |party| party.needs.as_slice());
        let others = needs.iter().filter(|code| !own(code));
        others.map(|code| words.feature(code).to_owned()).collect()
    }

    /// Likes and dislikes, each with how we know.
    fn likes(&self, card: Option<&Card>, words: &Words) -> Vec<(String, String)> {
        let dishes = self.favourites.iter().map(|favourite| {
            let why = words.tell(&super::orders::why(favourite, &self.habits));
            (favourite.dish.label(words.language).to_owned(), why)
        });
        let lines = card.into_iter().flat_map(|card| &card.likes);
        let lines = lines.map(|line| (words.tell(&line.text), words.tell(&line.evidence)));
        dishes.chain(lines).collect()
    }

    /// "Room 1208 · Gold · 9th dinner with us".
    fn sub(&self, words: &Words) -> String {
        let mut parts: Vec<String> = Vec::new();
        let stay = self.memory.stay.as_ref();
        let room = stay
            .and_then(|stay| stay.room.clone())
            .or_else(|| self.party?.room.clone());
        parts.extend(room.map(|room| words.fill("room-number", room)));
        let tier = self.memory.tier.as_ref();
        parts.extend(tier.map(|tier| words.code("tier", tier)));
        if self.guest.is_some() {
            let (meal, _) = self.here.meal();
            let nth = match meal {
                Meal::Breakfast => Message::new("nth-breakfast"),
                Meal::Lunch => Message::new("nth-lunch"),
                Meal::Tea => Message::new("nth-tea"),
                Meal::Dinner => Message::new("nth-dinner"),
                Meal::Late => Message::new("nth-late"),
            };
            parts.push(words.tell(&nth.ordinal("number", self.habits.number)));
        }
        parts.join(" · ")
    }
}

fn offer_line(offer: &Offer<'_>, wishes: &[Wish], here: &Here, words: &Words) -> OfferLine {
    let ids: Vec<String> = offer.place.ids().iter().map(i64::to_string).collect();
    let tables = offer.place.tables.iter();
    let mut features: Vec<String> = tables.flat_map(|table| table.features.clone()).collect();
    features.sort_unstable();
    features.dedup();
    let lost = |wanted: bool| -> Vec<String> {
        let lost = offer.lost.iter().filter_map(|&index| wishes.get(index));
        let lost = lost.filter(|wish| wish.wanted == wanted);
        lost.map(|wish| wish.feature.code.to_owned()).collect()
    };
    let told = [("table-lacks", lost(true)), ("table-has", lost(false))]
        .into_iter()
        .filter(|(_, codes)| !codes.is_empty())
        .map(|(key, codes)| words.tell(&Message::new(key).features("text", codes)));
    let told: Vec<String> = told.collect();
    OfferLine {
        ids: ids.join("+"),
        name: offer.place.name(),
        features: words.features(&features),
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
        lost: told.join(" · "),
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
