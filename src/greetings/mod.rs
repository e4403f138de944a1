//! The night's letters: who is written to on which occasion, in which words, and what became of each.
//!
//! What is due ([`occasion`], [`festivals`]), to whom it may go ([`plan`]) and how it reads ([`letter`]) is pure.
//! [`planning`] writes a row for each letter before anything is sent; [`deliver`] hands them over, and [`outbox`] holds
//! the rules by which a letter moves from one state to the next.

pub mod about;
mod asking;
pub mod choices;
pub mod deliver;
pub mod festivals;
pub mod known;
pub mod letter;
pub mod links;
pub mod list;
pub mod membership;
pub mod message;
pub mod nightly;
pub mod occasion;
pub mod outbox;
pub mod plan;
pub mod planning;
pub mod report;
pub mod returned;
pub mod runs;
pub mod sample;
pub mod settings;
pub mod smtp;
mod stream;
pub mod suppressions;
pub mod zones;

use crate::text_enum;

text_enum! {
    /// Why a letter is written; the stronger first.
    pub enum Occasion {
        /// Some days before arrival: wishes, time, table.
        BeforeArrival = "before_arrival",
        /// The morning after check-in.
        Welcome = "welcome",
        /// After departure: thanks, and how was it.
        AfterDeparture = "after_departure",
        /// The guest's birthday.
        Birthday = "birthday",
        /// The day of the first stay comes round.
        Anniversary = "anniversary",
        /// A festival of the guest's country.
        Festival = "festival",
        /// Points lapse soon.
        PointsExpiring = "points_expiring",
        /// A tier was reached.
        TierReached = "tier_reached",
        /// Longer away than is usual for this guest.
        MissYou = "miss_you",
    }
}

impl Occasion {
    /// Whether it is about a stay that is booked: then no consent is asked for, and a no is heeded.
    pub fn is_about_stay(self) -> bool {
        matches!(
            self,
            Self::BeforeArrival | Self::Welcome | Self::AfterDeparture
        )
    }

    /// Whether it is about points or a tier.
    pub fn is_about_membership(self) -> bool {
        matches!(self, Self::PointsExpiring | Self::TierReached)
    }

    /// Whether what comes of it is compared with a sample that is held back: not where the guest would miss what they must
    /// know.
    pub fn is_compared(self) -> bool {
        matches!(
            self,
            Self::Birthday | Self::Anniversary | Self::Festival | Self::MissYou
        )
    }

    /// What the guest must have agreed to, or must not have refused.
    pub fn purpose(self) -> Purpose {
        match self {
            Self::MissYou => Purpose::Marketing,
            _ => Purpose::Greetings,
        }
    }
}

text_enum! {
    /// What a guest agrees to or refuses.
    pub enum Purpose {
        /// Letters for an occasion, and about a stay.
        Greetings = "greetings",
        /// Invitations to come back.
        Marketing = "marketing",
    }
}

text_enum! {
    /// Where a letter is on its way.
    pub enum State {
        /// Planned, and not yet due or not yet taken.
        Queued = "queued",
        /// Not sent on purpose: one of the sample that greeted guests are compared with.
        HeldBack = "held_back",
        /// A process has it in hand.
        Claimed = "claimed",
        /// Committed right before the text goes out: from here on it may have arrived.
        HandingOver = "handing_over",
        /// A server said that it has it.
        Sent = "sent",
        /// Refused for now; tried again.
        Deferred = "deferred",
        /// Refused for good.
        Bounced = "bounced",
        /// The line broke, or the process died, before a server answered; a person decides.
        Uncertain = "uncertain",
        /// Not sent: between plan and delivery something spoke against it.
        Dropped = "dropped",
    }
}

impl State {
    /// Whether all is well with it.
    pub fn is_good(self) -> bool {
        self == Self::Sent
    }

    /// Whether somebody should look at it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Bounced | Self::Uncertain)
    }

    /// Whether a person has to say what became of it.
    pub fn is_doubtful(self) -> bool {
        self == Self::Uncertain
    }
}
