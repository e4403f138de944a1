//! Roles, what each may see, and the houses it holds for. Who may call which page stands in `web::routes`.

use crate::text_enum;

text_enum! {
    /// What somebody does in the hotel.
    pub enum Role {
        /// Front-desk clerk, telephone operator, reservations.
        FrontDesk = "front_desk",
        /// Restaurant host.
        Host = "host",
        /// Guest relations and marketing.
        Marketing = "marketing",
        /// Manager of a house.
        Manager = "manager",
        /// Administrator: users, rights, imports.
        Admin = "admin",
        /// A property-management system; for API tokens alone.
        Pms = "pms",
    }
}

/// What a page shows only to some of those who may open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Phone numbers, e-mail and postal addresses.
    SeeContacts,
    /// What a guest spent.
    SeeSpend,
    /// The numbers of identity documents.
    SeeDocuments,
    /// Notes that staff wrote.
    SeeNotes,
    /// Add, confirm and retire preferences; write notes; open a case.
    WriteProfile,
    /// Who looked at a profile and who changed it.
    SeeAudit,
    /// Enrol a guest, spend their points, claim a stay they miss.
    SpendPoints,
    /// Put points right by hand.
    AdjustPoints,
}

impl Role {
    /// Whether the role has a right.
    pub fn may(self, right: Right) -> bool {
        use Right::{AdjustPoints, SeeAudit, SeeContacts, SeeSpend, WriteProfile};
        match self {
            Self::Admin | Self::Manager => true,
            Self::FrontDesk => !matches!(right, SeeSpend | SeeAudit),
            Self::Marketing => matches!(right, SeeContacts | SeeSpend | WriteProfile),
            Self::Host => matches!(right, WriteProfile),
            Self::Pms => !matches!(right, SeeSpend | SeeAudit | AdjustPoints),
        }
    }
}

/// The houses somebody's rights hold for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Houses {
    /// Every house, also those to come.
    All,
    /// These properties, by id.
    Only(Vec<i64>),
}

impl Houses {
    /// Whether a house is among them.
    pub fn include(&self, property_id: i64) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(&property_id),
        }
    }
}
