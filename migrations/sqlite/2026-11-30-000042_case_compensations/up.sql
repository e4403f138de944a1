-- What is given for a case, by whom and with whose leave; and what the house proposes, as rules.

CREATE TABLE case_gestures (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    name_en TEXT NOT NULL CHECK (length(name_en) BETWEEN 1 AND 100),
    name_zh TEXT CHECK (length(name_zh) BETWEEN 1 AND 100),
    kind TEXT NOT NULL CHECK (kind IN ('money', 'points', 'perk')),
    -- For cases at least as grave, and guests of at least this tier; none is for everybody.
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
    tier TEXT REFERENCES loyalty_tiers (code),
    -- In minor units, in houses that charge in this currency.
    cost_minor INTEGER NOT NULL CHECK (cost_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    points INTEGER NOT NULL DEFAULT 0 CHECK (points >= 0),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    CHECK ((kind = 'points') = (points > 0) AND (kind <> 'points' OR cost_minor = 0) AND (kind <> 'money' OR cost_minor > 0))
) STRICT;

CREATE TABLE case_compensations (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('money', 'points', 'perk')),
    -- What it costs the house; of points nothing is charged.
    cost_minor INTEGER NOT NULL CHECK (cost_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    points INTEGER NOT NULL DEFAULT 0 CHECK (points >= 0),
    perk TEXT CHECK (length(perk) BETWEEN 1 AND 200),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    -- The rule that proposed it.
    gesture_id INTEGER REFERENCES case_gestures (id),
    -- Whose folio, whose account.
    stay_id INTEGER REFERENCES stays (id),
    account_id INTEGER REFERENCES loyalty_accounts (id),
    -- The entry that posted the points; money is on the folio under 'compensation-' and this id.
    entry_id INTEGER REFERENCES loyalty_entries (id),
    -- What the form carried: sent twice, it is given once.
    once TEXT NOT NULL UNIQUE CHECK (length(once) BETWEEN 1 AND 64),
    state TEXT NOT NULL CHECK (state IN ('given', 'waiting', 'approved', 'refused', 'withdrawn')),
    asked_by INTEGER NOT NULL REFERENCES users (id),
    asked_at TEXT NOT NULL CHECK (julianday(asked_at) IS NOT NULL),
    -- The business date whose limit it counts against.
    asked_on TEXT NOT NULL CHECK (asked_on = date(asked_on)),
    answered_by INTEGER REFERENCES users (id),
    answered_at TEXT CHECK (julianday(answered_at) IS NOT NULL OR answered_at IS NULL),
    CHECK ((kind = 'points') = (points > 0) AND (kind <> 'points' OR cost_minor = 0) AND (kind <> 'money' OR cost_minor > 0)),
    CHECK ((kind = 'perk') = (perk IS NOT NULL)),
    CHECK ((kind <> 'money' OR stay_id IS NOT NULL) AND (kind <> 'points' OR account_id IS NOT NULL)),
    CHECK ((state IN ('approved', 'refused')) = (answered_by IS NOT NULL) AND (answered_by IS NULL) = (answered_at IS NULL)),
    -- A second pair of eyes is another's.
    CHECK (answered_by <> asked_by)
) STRICT;
CREATE INDEX case_compensations_by_case ON case_compensations (case_id);
CREATE INDEX case_compensations_by_day ON case_compensations (asked_by, asked_on) WHERE state = 'given';
CREATE INDEX case_compensations_waiting ON case_compensations (case_id) WHERE state = 'waiting';
-- A case has one gesture that was made or is asked for.
CREATE UNIQUE INDEX case_compensations_gesture ON case_compensations (case_id)
    WHERE gesture_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn');
