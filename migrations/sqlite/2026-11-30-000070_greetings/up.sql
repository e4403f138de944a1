-- The night's letters: one row a guest and day, planned before it is sent, with all that became of it.
CREATE TABLE greetings (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE CHECK (length(public_id) = 36),
    -- The person it is for, by the profile that stands for all of them when it is planned.
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    property_id INTEGER NOT NULL REFERENCES properties (id),
    -- The stay it is about, where it is about one.
    stay_id INTEGER REFERENCES stays (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL CHECK (length(occasion) BETWEEN 1 AND 64),
    due_on TEXT NOT NULL CHECK (due_on = date(due_on)),
    -- As it was given, and folded.
    address TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'zh-CN')),
    -- What it tells, as JSON; see greetings::letter.
    facts TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'held_back', 'claimed', 'handing_over', 'sent', 'deferred', 'bounced', 'uncertain', 'dropped')),
    -- Why it was dropped.
    reason TEXT,
    -- Not before, and no longer good after.
    next_try_at TEXT NOT NULL CHECK (julianday(next_try_at) IS NOT NULL),
    expires_at TEXT NOT NULL CHECK (julianday(expires_at) IS NOT NULL),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    holder TEXT,
    lease_until TEXT CHECK (julianday(lease_until) IS NOT NULL OR lease_until IS NULL),
    -- Given at the first attempt, and never changed: by it a receiver knows a second copy.
    message_id TEXT,
    planned_at TEXT NOT NULL CHECK (julianday(planned_at) IS NOT NULL),
    sent_at TEXT CHECK (julianday(sent_at) IS NOT NULL OR sent_at IS NULL),
    CHECK ((holder IS NULL) = (lease_until IS NULL)),
    CHECK ((state IN ('claimed', 'handing_over')) = (holder IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'dropped') = (reason IS NOT NULL)),
    -- One greeting a day: to a person, and to a mailbox that two profiles share. So also once an occasion and date.
    UNIQUE (guest_id, due_on),
    UNIQUE (mailbox, due_on)
) STRICT;
CREATE UNIQUE INDEX greetings_once_a_stay ON greetings (stay_id, occasion) WHERE stay_id IS NOT NULL;
CREATE INDEX greetings_to_send ON greetings (next_try_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX greetings_held ON greetings (lease_until) WHERE state IN ('claimed', 'handing_over');
CREATE INDEX greetings_by_day ON greetings (due_on, property_id);

-- The conversation about each letter, an attempt a line. Only ever appended to.
CREATE TABLE greeting_attempts (
    id INTEGER PRIMARY KEY,
    greeting_id INTEGER NOT NULL REFERENCES greetings (id) ON DELETE CASCADE,
    at TEXT NOT NULL CHECK (julianday(at) IS NOT NULL),
    -- Which process it was.
    node TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- What both sides said.
    conversation TEXT NOT NULL
) STRICT;
CREATE INDEX greeting_attempts_by_greeting ON greeting_attempts (greeting_id, id);

-- Who is not written to, whatever was agreed: by mailbox or by person.
CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER REFERENCES guests (id),
    mailbox TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('unsubscribed', 'bounced', 'complained', 'deceased', 'erased', 'staff')),
    -- What it is about; none is everything.
    purpose TEXT CHECK (purpose IN ('greetings', 'marketing')),
    detail TEXT,
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL),
    made_by INTEGER REFERENCES users (id),
    lifted_at TEXT CHECK (julianday(lifted_at) IS NOT NULL OR lifted_at IS NULL),
    CHECK (guest_id IS NOT NULL OR mailbox IS NOT NULL)
) STRICT;
CREATE INDEX suppressions_of_guest ON suppressions (guest_id) WHERE lifted_at IS NULL;
CREATE INDEX suppressions_of_mailbox ON suppressions (mailbox) WHERE lifted_at IS NULL;

-- Which house's day is planned, and what came of it.
CREATE TABLE greeting_runs (
    property_id INTEGER NOT NULL REFERENCES properties (id),
    day TEXT NOT NULL CHECK (day = date(day)),
    -- How far the persons are done; a run that is broken off goes on here.
    after_person INTEGER NOT NULL DEFAULT 0,
    planned INTEGER NOT NULL DEFAULT 0,
    -- Who gets nothing and why, as JSON: reasons with their counts.
    refused TEXT NOT NULL DEFAULT '{}',
    started_at TEXT NOT NULL CHECK (julianday(started_at) IS NOT NULL),
    finished_at TEXT CHECK (julianday(finished_at) IS NOT NULL OR finished_at IS NULL),
    PRIMARY KEY (property_id, day)
) STRICT, WITHOUT ROWID;
