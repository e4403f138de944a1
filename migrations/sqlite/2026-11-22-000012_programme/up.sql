-- The programme as data: what tiers ask for and give, which rules a stay earned by, what points buy, and what waits for
-- a second pair of eyes.

-- In the last twelve months, each alone is enough; none does not count.
ALTER TABLE loyalty_tiers ADD COLUMN stays INTEGER CHECK (stays > 0);
ALTER TABLE loyalty_tiers ADD COLUMN points INTEGER CHECK (points > 0);
-- Points on top of what the rules give.
ALTER TABLE loyalty_tiers ADD COLUMN bonus_percent INTEGER NOT NULL DEFAULT 0 CHECK (bonus_percent BETWEEN 0 AND 1000);
-- Nights of a life after which the tier is never lost.
ALTER TABLE loyalty_tiers ADD COLUMN lifetime_nights INTEGER CHECK (lifetime_nights > 0);

-- Since when the year no longer reaches the tier; a time of grace runs.
ALTER TABLE loyalty_accounts ADD COLUMN below_since TEXT CHECK (below_since = date(below_since));

-- The rules as they stood when something was earned by them.
CREATE TABLE loyalty_rules (
    id INTEGER PRIMARY KEY,
    -- As JSON; see loyalty::programme.
    rules TEXT NOT NULL,
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL)
) STRICT;
CREATE TRIGGER loyalty_rules_no_update BEFORE UPDATE ON loyalty_rules BEGIN SELECT raise(ABORT, 'loyalty_rules is append-only'); END;
CREATE TRIGGER loyalty_rules_no_delete BEFORE DELETE ON loyalty_rules BEGIN SELECT raise(ABORT, 'loyalty_rules is append-only'); END;

-- The terms a stay earns on: whose account, which rules and tier, and the most that caps leave. Once a stay.
CREATE TABLE loyalty_earnings (
    stay_id INTEGER PRIMARY KEY REFERENCES stays (id),
    account_id INTEGER NOT NULL REFERENCES loyalty_accounts (id),
    rules_id INTEGER NOT NULL REFERENCES loyalty_rules (id),
    bonus_percent INTEGER NOT NULL CHECK (bonus_percent >= 0),
    most INTEGER CHECK (most >= 0)
) STRICT;
CREATE INDEX loyalty_earnings_by_account ON loyalty_earnings (account_id);
CREATE TRIGGER loyalty_earnings_no_update BEFORE UPDATE ON loyalty_earnings BEGIN SELECT raise(ABORT, 'loyalty_earnings is append-only'); END;
CREATE TRIGGER loyalty_earnings_no_delete BEFORE DELETE ON loyalty_earnings BEGIN SELECT raise(ABORT, 'loyalty_earnings is append-only'); END;

-- What was earned at our desks so far was earned by the rules there are.
INSERT INTO loyalty_rules (rules, made_at)
SELECT json_object('life_months', 36, 'earn', json_group_array(json_object(
    'department', department, 'currency', currency, 'points_per_hundred', points_per_hundred))),
    strftime('%Y-%m-%d %H:%M:%f', 'now')
FROM earn_rules HAVING count(*) > 0;
INSERT INTO loyalty_earnings (stay_id, account_id, rules_id, bonus_percent)
SELECT entry.stay_id, entry.account_id, loyalty_rules.id, 0
FROM loyalty_entries AS entry JOIN stays ON stays.id = entry.stay_id CROSS JOIN loyalty_rules
WHERE entry.kind = 'earn' AND stays.checked_out_at IS NOT NULL;

-- What points buy.
CREATE TABLE loyalty_rewards (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    name_en TEXT NOT NULL CHECK (length(name_en) BETWEEN 1 AND 100),
    name_zh TEXT CHECK (length(name_zh) BETWEEN 1 AND 100),
    points INTEGER NOT NULL CHECK (points > 0),
    -- Where; none is everywhere.
    property_id INTEGER REFERENCES properties (id),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1))
) STRICT;
ALTER TABLE loyalty_entries ADD COLUMN reward_id INTEGER REFERENCES loyalty_rewards (id);

-- Adjustments above the limit, and stays that guests miss: asked by one, answered by another.
CREATE TABLE loyalty_requests (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES loyalty_accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('adjust', 'missing_stay')),
    points INTEGER CHECK (points <> 0),
    stay_id INTEGER REFERENCES stays (id),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    asked_at TEXT NOT NULL CHECK (julianday(asked_at) IS NOT NULL),
    asked_by INTEGER REFERENCES users (id),
    token_id INTEGER REFERENCES api_tokens (id),
    answer TEXT CHECK (answer IN ('approved', 'refused')),
    answered_at TEXT CHECK (julianday(answered_at) IS NOT NULL OR answered_at IS NULL),
    answered_by INTEGER REFERENCES users (id),
    CHECK ((asked_by IS NULL) <> (token_id IS NULL)),
    CHECK ((kind = 'adjust') = (points IS NOT NULL) AND (kind = 'missing_stay') = (stay_id IS NOT NULL)),
    CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    -- A second pair of eyes is another's.
    CHECK (answered_by <> asked_by)
) STRICT;
CREATE INDEX loyalty_requests_open ON loyalty_requests (id) WHERE answer IS NULL;
CREATE UNIQUE INDEX loyalty_requests_once ON loyalty_requests (stay_id) WHERE kind = 'missing_stay' AND answer IS NULL;
CREATE INDEX loyalty_requests_by_account ON loyalty_requests (account_id);
ALTER TABLE loyalty_entries ADD COLUMN request_id INTEGER REFERENCES loyalty_requests (id);
CREATE UNIQUE INDEX loyalty_entries_by_request ON loyalty_entries (request_id) WHERE request_id IS NOT NULL;
