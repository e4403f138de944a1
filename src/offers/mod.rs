//! Offers: the upgrade or perk a guest is told of, on terms that rules decide and that can be kept.
//!
//! Rules are data (`rule`, kept by `stored`). Which of them speak for a stay, and at what price, is decided without clock
//! or database (`choose`) from what is known of the guest (`facts`) and which rooms are free on every night (`market`).
//! What was told to a guest is one row that is held, accepted, declined or lapses (`outcome`); what came of all of them is
//! counted by `report`, and the free upgrades of a day have an open order (`queue`).

pub mod choose;
pub mod facts;
pub mod ladder;
pub mod market;
pub mod outcome;
pub mod past;
pub mod queue;
pub mod report;
pub mod rule;
pub mod shown;
pub mod stored;

mod desk;

use serde::{Deserialize, Serialize};

pub use desk::{Cache, House, OnStay, of_rows};

use crate::text_enum;

text_enum! {
    /// What is offered.
    pub enum Kind {
        /// A better room type, for the nights left.
        Upgrade = "upgrade",
        /// Breakfast on every morning left.
        Breakfast = "breakfast",
        /// The room for longer on the last day.
        LateCheckOut = "late_check_out",
        /// The room before its time on the first.
        EarlyCheckIn = "early_check_in",
        /// An amount to spend in the house.
        Voucher = "voucher",
        /// Loyalty points.
        Points = "points",
    }
}

impl Kind {
    /// Whether it is given, priced and costed by the night.
    pub fn is_nightly(self) -> bool {
        matches!(self, Self::Upgrade | Self::Breakfast)
    }

    /// What it promises, by the vocabulary's code, where somebody has to see to it during the stay.
    pub fn promise(self) -> Option<&'static str> {
        match self {
            Self::EarlyCheckIn => Some("early_check_in"),
            Self::LateCheckOut => Some("late_check_out"),
            Self::Upgrade | Self::Breakfast | Self::Voucher | Self::Points => None,
        }
    }
}

text_enum! {
    /// How the price is found.
    pub enum Pricing {
        /// Nothing is paid.
        Free = "free",
        /// So much: a night for rooms and breakfasts, else once.
        Fixed = "fixed",
        /// Part of what the better type costs more by the list.
        Percent = "percent",
    }
}

text_enum! {
    /// When it may be offered.
    pub enum Moment {
        /// Whenever.
        Any = "any",
        /// On the day of arrival and in the house.
        Desk = "desk",
        /// Until the day before arrival.
        Before = "before",
    }
}

text_enum! {
    /// A reason to celebrate with.
    pub enum Occasion {
        /// Any of them.
        Any = "any",
        /// A birthday during the stay.
        Birthday = "birthday",
        /// A stay with a round number.
        Jubilee = "jubilee",
        /// The day of the first stay comes round.
        Anniversary = "anniversary",
        /// The first stay of all.
        First = "first",
        /// Back after a long absence.
        Back = "back",
    }
}

text_enum! {
    /// What became of an offer.
    pub enum State {
        /// The clerk speaks; price and room wait.
        Held = "held",
        /// Taken.
        Accepted = "accepted",
        /// Not taken.
        Declined = "declined",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// Taken back.
        Undone = "undone",
    }
}

text_enum! {
    /// Why a guest declines.
    pub enum Declined {
        /// Too dear.
        Price = "price",
        /// Likes the room they have.
        OwnRoom = "own_room",
        /// Has no use for it.
        NoNeed = "no_need",
        /// Perhaps another time.
        Later = "later",
        /// Anything else.
        Other = "other",
    }
}

/// The name of [`Settings`] among the decisions.
pub const SETTINGS: &str = "offers";

/// What a group decided about offering, beside the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Minutes that price and room are held while the clerk speaks.
    pub hold_minutes: i64,
    /// Offers on a card.
    pub most_shown: usize,
    /// Rooms kept for those who will pay, by room type.
    pub protected: std::collections::BTreeMap<i64, i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hold_minutes: 5,
            most_shown: 3,
            protected: std::collections::BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The rooms of a type that no offer touches.
    pub fn kept_back(&self, room_type_id: i64) -> i64 {
        self.protected.get(&room_type_id).copied().unwrap_or(0)
    }
}
