-- Offers: the rules a house makes them by, and what became of each one that was made.

CREATE TABLE offer_rules (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Who: the least tier, the least number this stay has, channels, an occasion; none is everybody.
    tier TEXT REFERENCES loyalty_tiers (code),
    least_stays INTEGER CHECK (least_stays >= 1),
    -- Words of stays.channel, with semicolons between; empty is all.
    channels TEXT NOT NULL DEFAULT '',
    occasion TEXT CHECK (occasion IN ('any', 'birthday', 'jubilee', 'anniversary', 'first', 'back')),
    vip INTEGER NOT NULL DEFAULT 0 CHECK (vip IN (0, 1)),
    direct INTEGER NOT NULL DEFAULT 0 CHECK (direct IN (0, 1)),
    -- For those with an open case, and for nobody else.
    open_case INTEGER NOT NULL DEFAULT 0 CHECK (open_case IN (0, 1)),
    -- When: percent of the target's rooms sold on every night of the stay, days to arrival, at the desk or before.
    occupancy_least INTEGER CHECK (occupancy_least BETWEEN 0 AND 100),
    occupancy_most INTEGER CHECK (occupancy_most BETWEEN 0 AND 100),
    days_least INTEGER CHECK (days_least >= 0),
    days_most INTEGER CHECK (days_most >= 0),
    moment TEXT NOT NULL CHECK (moment IN ('any', 'desk', 'before')),
    -- What.
    kind TEXT NOT NULL CHECK (kind IN ('upgrade', 'breakfast', 'late_check_out', 'early_check_in', 'voucher', 'points')),
    steps INTEGER CHECK (steps BETWEEN 1 AND 20),
    room_type_id INTEGER,
    pricing TEXT NOT NULL CHECK (pricing IN ('free', 'fixed', 'percent')),
    price_minor INTEGER CHECK (price_minor > 0),
    percent INTEGER CHECK (percent BETWEEN 1 AND 100),
    -- Of a voucher in minor units; or points.
    value INTEGER CHECK (value > 0),
    -- What it costs the house: a night for rooms and breakfasts, else once.
    cost_minor INTEGER NOT NULL DEFAULT 0 CHECK (cost_minor >= 0),
    -- How often: on a business date, to a guest within twelve months, and for what cost in all.
    per_day INTEGER CHECK (per_day >= 1),
    per_guest INTEGER CHECK (per_guest >= 1),
    budget_minor INTEGER CHECK (budget_minor >= 1),
    -- 1 comes first; of equals the oldest.
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 99),
    starts_on TEXT NOT NULL CHECK (starts_on = date(starts_on)),
    ends_on TEXT NOT NULL CHECK (ends_on = date(ends_on)),
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL),
    made_by INTEGER REFERENCES users (id),
    -- Never deleted: offers were made by it.
    retired_at TEXT CHECK (julianday(retired_at) IS NOT NULL OR retired_at IS NULL),
    CHECK (ends_on >= starts_on),
    CHECK ((kind = 'upgrade') = (steps IS NOT NULL OR room_type_id IS NOT NULL)),
    CHECK (steps IS NULL OR room_type_id IS NULL),
    CHECK ((kind IN ('voucher', 'points')) = (value IS NOT NULL)),
    CHECK ((pricing = 'fixed') = (price_minor IS NOT NULL) AND (pricing = 'percent') = (percent IS NOT NULL)),
    CHECK (pricing <> 'percent' OR kind = 'upgrade'),
    CHECK (open_case = 0 OR pricing = 'free'),
    FOREIGN KEY (property_id, room_type_id) REFERENCES room_types (property_id, id)
) STRICT;
CREATE INDEX offer_rules_live ON offer_rules (property_id) WHERE retired_at IS NULL;

-- An offer a guest was told of, on the terms it was made on.
CREATE TABLE offers (
    id INTEGER PRIMARY KEY,
    rule_id INTEGER NOT NULL REFERENCES offer_rules (id),
    property_id INTEGER NOT NULL REFERENCES properties (id),
    stay_id INTEGER NOT NULL REFERENCES stays (id),
    kind TEXT NOT NULL CHECK (kind IN ('upgrade', 'breakfast', 'late_check_out', 'early_check_in', 'voucher', 'points')),
    -- Of an upgrade: to which type, from which; the room held or given, and the room before.
    room_type_id INTEGER REFERENCES room_types (id),
    from_type_id INTEGER REFERENCES room_types (id),
    room_id INTEGER REFERENCES rooms (id),
    from_room_id INTEGER REFERENCES rooms (id),
    nights INTEGER NOT NULL CHECK (nights >= 0),
    -- All of it: what the guest pays, what it costs the house, what the list says it is worth.
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    cost_minor INTEGER NOT NULL CHECK (cost_minor >= 0),
    worth_minor INTEGER NOT NULL CHECK (worth_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    value INTEGER CHECK (value > 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'accepted', 'declined', 'lapsed', 'undone')),
    -- The house's business date.
    made_on TEXT NOT NULL CHECK (made_on = date(made_on)),
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL),
    made_by INTEGER REFERENCES users (id),
    -- Until then price and room are this stay's.
    held_until TEXT NOT NULL CHECK (julianday(held_until) IS NOT NULL),
    answered_at TEXT CHECK (julianday(answered_at) IS NOT NULL OR answered_at IS NULL),
    answered_by INTEGER REFERENCES users (id),
    declined_for TEXT CHECK (declined_for IN ('price', 'own_room', 'no_need', 'later', 'other')),
    -- Why it was given out of turn.
    out_of_turn TEXT CHECK (length(out_of_turn) BETWEEN 1 AND 500),
    -- The points it gave.
    entry_id INTEGER UNIQUE REFERENCES loyalty_entries (id),
    CHECK ((kind = 'upgrade') = (room_type_id IS NOT NULL)),
    CHECK ((state IN ('held', 'lapsed')) = (answered_at IS NULL)),
    CHECK (state <> 'declined' OR declined_for IS NOT NULL)
) STRICT;
CREATE INDEX offers_by_stay ON offers (stay_id);
CREATE INDEX offers_by_rule ON offers (rule_id, made_on, state);
CREATE INDEX offers_by_day ON offers (property_id, made_on);
-- A stay is made one offer at a time.
CREATE UNIQUE INDEX offers_held ON offers (stay_id) WHERE state = 'held';
