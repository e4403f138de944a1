-- Houses, their rooms and the words both are described with.

CREATE TABLE features (
    code TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64)
) STRICT, WITHOUT ROWID;

CREATE TABLE properties (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    country TEXT CHECK (length(country) = 2),
    language TEXT NOT NULL,
    -- Minutes after local midnight at which the business date rolls.
    day_starts_at INTEGER NOT NULL DEFAULT 240 CHECK (day_starts_at BETWEEN 0 AND 1439),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL)
) STRICT;

CREATE TABLE room_types (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    -- 1 is the lowest rung of the upgrade ladder.
    rank INTEGER NOT NULL CHECK (rank >= 1),
    rate_minor INTEGER NOT NULL CHECK (rate_minor >= 0),
    UNIQUE (property_id, code),
    UNIQUE (property_id, id)
) STRICT;

CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    room_type_id INTEGER NOT NULL,
    number TEXT NOT NULL CHECK (length(number) BETWEEN 1 AND 16),
    floor INTEGER,
    capacity INTEGER NOT NULL CHECK (capacity >= 1),
    housekeeping TEXT NOT NULL DEFAULT 'clean' CHECK (housekeeping IN ('clean', 'dirty', 'out_of_order')),
    UNIQUE (property_id, number),
    UNIQUE (property_id, id),
    FOREIGN KEY (property_id, room_type_id) REFERENCES room_types (property_id, id)
) STRICT;

CREATE TABLE room_features (
    room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    feature TEXT NOT NULL REFERENCES features (code),
    PRIMARY KEY (room_id, feature)
) STRICT, WITHOUT ROWID;

-- Staff, what they may see, and what they did.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('front_desk', 'host', 'marketing', 'manager', 'admin')),
    password_hash TEXT NOT NULL,
    all_properties INTEGER NOT NULL CHECK (all_properties IN (0, 1)),
    language TEXT CHECK (language IN ('en', 'zh-CN')),
    theme TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
    shortcuts INTEGER NOT NULL DEFAULT 1 CHECK (shortcuts IN (0, 1)),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    disabled_at TEXT CHECK (julianday(disabled_at) IS NOT NULL OR disabled_at IS NULL)
) STRICT;

CREATE TABLE user_properties (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    property_id INTEGER NOT NULL REFERENCES properties (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, property_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    -- SHA-256 of the cookie, so that a stolen database opens no session.
    key_hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    property_id INTEGER REFERENCES properties (id) ON DELETE SET NULL,
    -- The board's date; none is today.
    board_date TEXT CHECK (board_date = date(board_date)),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    seen_at TEXT NOT NULL CHECK (julianday(seen_at) IS NOT NULL),
    expires_at TEXT NOT NULL CHECK (julianday(expires_at) IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_failures (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    at TEXT NOT NULL CHECK (julianday(at) IS NOT NULL)
) STRICT;
CREATE INDEX login_failures_by_account ON login_failures (account, at);
CREATE INDEX login_failures_by_address ON login_failures (address, at);

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    token_hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('front_desk', 'host', 'marketing', 'manager', 'admin', 'pms')),
    all_properties INTEGER NOT NULL CHECK (all_properties IN (0, 1)),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    last_used_at TEXT CHECK (julianday(last_used_at) IS NOT NULL OR last_used_at IS NULL),
    revoked_at TEXT CHECK (julianday(revoked_at) IS NOT NULL OR revoked_at IS NULL)
) STRICT;

CREATE TABLE api_token_properties (
    token_id INTEGER NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    property_id INTEGER NOT NULL REFERENCES properties (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, property_id)
) STRICT, WITHOUT ROWID;

-- Guests. A profile is what one source told us; a person is the set of profiles that share a person_id.

CREATE TABLE guests (
    id INTEGER PRIMARY KEY,
    -- The opaque id that leaves the house (UUID version 7).
    public_id TEXT NOT NULL UNIQUE CHECK (length(public_id) = 36),
    person_id INTEGER NOT NULL REFERENCES guests (id),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 64),
    -- The profile's key within its source; none for a profile Innkeeper made itself.
    external_id TEXT,
    given_name TEXT,
    family_name TEXT,
    native_name TEXT,
    salutation TEXT,
    gender TEXT,
    birth_date TEXT CHECK (birth_date = date(birth_date)),
    country TEXT CHECK (length(country) = 2),
    city TEXT,
    postal_code TEXT,
    street TEXT,
    company TEXT,
    language TEXT,
    vip_level INTEGER CHECK (vip_level BETWEEN 1 AND 9),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    updated_at TEXT NOT NULL CHECK (julianday(updated_at) IS NOT NULL),
    CHECK (given_name IS NOT NULL OR family_name IS NOT NULL OR native_name IS NOT NULL),
    UNIQUE (source, external_id)
) STRICT;
CREATE INDEX guests_by_person ON guests (person_id);

CREATE TABLE guest_contacts (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    kind TEXT NOT NULL CHECK (kind IN ('email', 'phone')),
    -- As it was given.
    value TEXT NOT NULL,
    -- Folded e-mail, or E.164 digits; what equality is judged on.
    folded TEXT NOT NULL,
    -- An agency's relay address: reaches the guest for one booking, identifies nobody.
    masked INTEGER NOT NULL DEFAULT 0 CHECK (masked IN (0, 1)),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    verified_at TEXT CHECK (julianday(verified_at) IS NOT NULL OR verified_at IS NULL),
    UNIQUE (guest_id, kind, folded)
) STRICT;

CREATE TABLE guest_documents (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    -- XChaCha20-Poly1305 under INNKEEPER_SECRET_KEY.
    number_sealed BLOB NOT NULL,
    -- HMAC-SHA-256 of the folded number, for look-up.
    number_hash BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    UNIQUE (guest_id, number_hash)
) STRICT;
CREATE INDEX guest_documents_by_hash ON guest_documents (number_hash);

-- Folded search keys, written with the profile.
-- kind 1: two name words in one order ('nana ouyang'), or the only one; 2: digits of a phone, backwards; 3: e-mail; 4: loyalty number.
CREATE TABLE guest_keys (
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
    key TEXT NOT NULL,
    PRIMARY KEY (guest_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_keys_by_key ON guest_keys (kind, key, guest_id);

CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    channel TEXT NOT NULL CHECK (channel IN ('email', 'phone', 'message', 'post')),
    purpose TEXT NOT NULL CHECK (purpose IN ('greetings', 'marketing')),
    granted INTEGER NOT NULL CHECK (granted IN (0, 1)),
    source TEXT NOT NULL,
    wording TEXT,
    recorded_at TEXT NOT NULL CHECK (julianday(recorded_at) IS NOT NULL),
    recorded_by INTEGER REFERENCES users (id)
) STRICT;
CREATE INDEX consents_by_guest ON consents (guest_id, channel, purpose, id);

-- Stays: booked (a reservation), in house, departed.

CREATE TABLE stays (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    confirmation_number TEXT NOT NULL CHECK (length(confirmation_number) BETWEEN 1 AND 64),
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    status TEXT NOT NULL CHECK (status IN ('reserved', 'in_house', 'departed', 'cancelled', 'no_show')),
    arrival TEXT NOT NULL CHECK (arrival = date(arrival)),
    departure TEXT NOT NULL CHECK (departure = date(departure)),
    booked_on TEXT CHECK (booked_on = date(booked_on)),
    -- Expected time of arrival, minutes after local midnight.
    arrival_time INTEGER CHECK (arrival_time BETWEEN 0 AND 1439),
    room_type_id INTEGER,
    room_id INTEGER,
    rate_minor INTEGER,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    channel TEXT CHECK (channel IN ('direct', 'phone', 'walk_in', 'ota', 'gds', 'corporate', 'group')),
    agency TEXT,
    adults INTEGER NOT NULL DEFAULT 1 CHECK (adults >= 0),
    children INTEGER NOT NULL DEFAULT 0 CHECK (children >= 0),
    -- Wishes of this booking: feature codes, then the guest's own words, separated by ';'.
    requests TEXT,
    decision TEXT NOT NULL CHECK (decision IN ('linked', 'review', 'new')),
    -- Why recognition decided so: codes of reasons separated by ';'.
    reasons TEXT,
    checked_in_at TEXT CHECK (julianday(checked_in_at) IS NOT NULL OR checked_in_at IS NULL),
    checked_out_at TEXT CHECK (julianday(checked_out_at) IS NOT NULL OR checked_out_at IS NULL),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    updated_at TEXT NOT NULL CHECK (julianday(updated_at) IS NOT NULL),
    UNIQUE (property_id, confirmation_number),
    CHECK (departure >= arrival),
    FOREIGN KEY (property_id, room_type_id) REFERENCES room_types (property_id, id),
    FOREIGN KEY (property_id, room_id) REFERENCES rooms (property_id, id)
) STRICT;
CREATE INDEX stays_by_arrival ON stays (property_id, arrival, status);
CREATE INDEX stays_by_departure ON stays (property_id, departure, status);
CREATE INDEX stays_by_guest ON stays (guest_id, arrival);
CREATE INDEX stays_in_house ON stays (property_id, room_id) WHERE status = 'in_house';

-- The guest as the booking gave them; absent where it says nothing the profile does not.
CREATE TABLE stay_bookings (
    stay_id INTEGER PRIMARY KEY REFERENCES stays (id) ON DELETE CASCADE,
    given_name TEXT,
    family_name TEXT,
    email TEXT,
    phone TEXT,
    birth_date TEXT CHECK (birth_date = date(birth_date)),
    country TEXT,
    city TEXT,
    postal_code TEXT,
    document_sealed BLOB,
    loyalty_number TEXT,
    company TEXT
) STRICT;

-- Who could be meant, where recognition asks.
CREATE TABLE stay_candidates (
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    reasons TEXT NOT NULL,
    PRIMARY KEY (stay_id, guest_id)
) STRICT, WITHOUT ROWID;

-- One row for each night a room is promised or let: the primary key is what forbids letting it twice.
CREATE TABLE room_nights (
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    night TEXT NOT NULL CHECK (night = date(night)),
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    PRIMARY KEY (room_id, night)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_nights_by_stay ON room_nights (stay_id);

CREATE TABLE folio_charges (
    id INTEGER PRIMARY KEY,
    stay_id INTEGER NOT NULL REFERENCES stays (id),
    department TEXT NOT NULL CHECK (department IN ('room', 'food', 'spa', 'minibar', 'other')),
    description TEXT,
    amount_minor INTEGER NOT NULL,
    -- What it cost the house, where known.
    cost_minor INTEGER,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    posted_on TEXT NOT NULL CHECK (posted_on = date(posted_on)),
    -- The line's key within its stay, so that a line arrives once.
    reference TEXT NOT NULL,
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    UNIQUE (stay_id, reference)
) STRICT;

-- What we know of a guest's wishes: each row is one piece of evidence.
CREATE TABLE preferences (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    code TEXT NOT NULL REFERENCES features (code),
    strength TEXT NOT NULL CHECK (strength IN ('must', 'prefer', 'avoid', 'never')),
    source TEXT NOT NULL CHECK (source IN ('stated', 'observed', 'inferred', 'imported')),
    -- Where it holds; none is everywhere.
    property_id INTEGER REFERENCES properties (id),
    -- Where it was learned.
    noted_at_property_id INTEGER REFERENCES properties (id),
    noted_stay_id INTEGER REFERENCES stays (id),
    noted_on TEXT NOT NULL CHECK (noted_on = date(noted_on)),
    noted_by INTEGER REFERENCES users (id),
    note TEXT,
    -- How many stays showed it, of how many that could have.
    times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1),
    chances INTEGER NOT NULL DEFAULT 1 CHECK (chances >= times),
    confirmed_on TEXT CHECK (confirmed_on = date(confirmed_on)),
    confirmed_by INTEGER REFERENCES users (id),
    retired_at TEXT CHECK (julianday(retired_at) IS NOT NULL OR retired_at IS NULL),
    retired_by INTEGER REFERENCES users (id),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL)
) STRICT;
CREATE INDEX preferences_by_guest ON preferences (guest_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX preferences_once ON preferences (guest_id, code, source, coalesce(property_id, 0)) WHERE retired_at IS NULL;

-- Notes are never changed: a correction is a new note that replaces the old one.
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    stay_id INTEGER REFERENCES stays (id),
    property_id INTEGER REFERENCES properties (id),
    department TEXT NOT NULL CHECK (department IN ('front_desk', 'restaurant', 'housekeeping', 'reservations', 'management')),
    body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    author_id INTEGER REFERENCES users (id),
    written_at TEXT NOT NULL CHECK (julianday(written_at) IS NOT NULL),
    replaces_id INTEGER UNIQUE REFERENCES notes (id)
) STRICT;
CREATE INDEX notes_by_guest ON notes (guest_id, written_at);

CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    stay_id INTEGER REFERENCES stays (id),
    property_id INTEGER NOT NULL REFERENCES properties (id),
    room_id INTEGER REFERENCES rooms (id),
    department TEXT NOT NULL CHECK (department IN ('front_desk', 'restaurant', 'housekeeping', 'reservations', 'management')),
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
    -- The vocabulary's word for what was missed, where there is one.
    feature TEXT REFERENCES features (code),
    summary TEXT NOT NULL CHECK (length(summary) BETWEEN 1 AND 500),
    owner_id INTEGER REFERENCES users (id),
    opened_by INTEGER REFERENCES users (id),
    opened_at TEXT NOT NULL CHECK (julianday(opened_at) IS NOT NULL),
    due_at TEXT CHECK (julianday(due_at) IS NOT NULL OR due_at IS NULL),
    closed_at TEXT CHECK (julianday(closed_at) IS NOT NULL OR closed_at IS NULL),
    closed_by INTEGER REFERENCES users (id),
    resolution TEXT,
    CHECK (closed_at IS NULL OR resolution IS NOT NULL)
) STRICT;
CREATE INDEX cases_by_guest ON cases (guest_id);
CREATE INDEX cases_open ON cases (property_id) WHERE closed_at IS NULL;

-- Loyalty: accounts, and a ledger that is only ever appended to.

CREATE TABLE loyalty_tiers (
    code TEXT PRIMARY KEY,
    rank INTEGER NOT NULL UNIQUE,
    -- Nights in the last twelve months that reach the tier.
    nights INTEGER NOT NULL CHECK (nights >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE earn_rules (
    department TEXT NOT NULL CHECK (department IN ('room', 'food', 'spa', 'minibar', 'other')),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    -- Points for each hundred of the major unit.
    points_per_hundred INTEGER NOT NULL CHECK (points_per_hundred >= 0),
    PRIMARY KEY (department, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE loyalty_accounts (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL UNIQUE REFERENCES guests (id),
    number TEXT NOT NULL UNIQUE CHECK (length(number) BETWEEN 1 AND 64),
    tier TEXT NOT NULL DEFAULT 'member' REFERENCES loyalty_tiers (code),
    enrolled_on TEXT NOT NULL CHECK (enrolled_on = date(enrolled_on)),
    closed_at TEXT CHECK (julianday(closed_at) IS NOT NULL OR closed_at IS NULL)
) STRICT;

CREATE TABLE loyalty_entries (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES loyalty_accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('earn', 'redeem', 'adjust', 'expire', 'reverse')),
    points INTEGER NOT NULL CHECK (points <> 0),
    stay_id INTEGER REFERENCES stays (id),
    reason TEXT NOT NULL,
    -- When the points of an earning lapse.
    expires_on TEXT CHECK (expires_on = date(expires_on)),
    posted_on TEXT NOT NULL CHECK (posted_on = date(posted_on)),
    posted_at TEXT NOT NULL CHECK (julianday(posted_at) IS NOT NULL),
    posted_by INTEGER REFERENCES users (id),
    CHECK (kind <> 'earn' OR points > 0),
    CHECK (kind NOT IN ('redeem', 'expire') OR points < 0)
) STRICT;
CREATE INDEX loyalty_entries_by_account ON loyalty_entries (account_id);
CREATE UNIQUE INDEX loyalty_entries_earn_once ON loyalty_entries (stay_id) WHERE kind = 'earn';

-- Who did or saw what.

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL CHECK (julianday(at) IS NOT NULL),
    user_id INTEGER REFERENCES users (id),
    token_id INTEGER REFERENCES api_tokens (id),
    action TEXT NOT NULL,
    guest_id INTEGER,
    stay_id INTEGER,
    property_id INTEGER,
    detail TEXT,
    address TEXT
) STRICT;
CREATE INDEX audit_log_by_guest ON audit_log (guest_id, at);
CREATE INDEX audit_log_by_user ON audit_log (user_id, at);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The ledger and the audit log are only ever appended to.
CREATE TRIGGER loyalty_entries_no_update BEFORE UPDATE ON loyalty_entries BEGIN SELECT raise(ABORT, 'loyalty_entries is append-only'); END;
CREATE TRIGGER loyalty_entries_no_delete BEFORE DELETE ON loyalty_entries BEGIN SELECT raise(ABORT, 'loyalty_entries is append-only'); END;
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN SELECT raise(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN SELECT raise(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents BEGIN SELECT raise(ABORT, 'consents is append-only'); END;
CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents BEGIN SELECT raise(ABORT, 'consents is append-only'); END;

-- The programme's tiers to begin with; a hotel edits them later.
INSERT INTO loyalty_tiers (code, rank, nights) VALUES
    ('member', 0, 0), ('silver', 1, 5), ('gold', 2, 15), ('platinum', 3, 40);
