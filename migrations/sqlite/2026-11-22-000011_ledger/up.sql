-- Points come in lots: every gain opens one, every use takes from those that lapse first. The triggers do both, so that
-- however an entry comes in, a balance is the sum of its lots and never below zero.

-- The earning that is taken back, or the use that is given back.
ALTER TABLE loyalty_entries ADD COLUMN reverses_id INTEGER REFERENCES loyalty_entries (id);
ALTER TABLE loyalty_entries ADD COLUMN token_id INTEGER REFERENCES api_tokens (id);
CREATE INDEX loyalty_entries_by_stay ON loyalty_entries (stay_id) WHERE stay_id IS NOT NULL;

CREATE TABLE loyalty_lots (
    -- The entry that opened it.
    entry_id INTEGER PRIMARY KEY REFERENCES loyalty_entries (id),
    account_id INTEGER NOT NULL REFERENCES loyalty_accounts (id),
    points INTEGER NOT NULL CHECK (points > 0),
    remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND points),
    -- The last day its points can be used; none is for ever.
    expires_on TEXT CHECK (expires_on = date(expires_on))
) STRICT;
CREATE INDEX loyalty_lots_open ON loyalty_lots (account_id) WHERE remaining > 0;
CREATE INDEX loyalty_lots_lapsing ON loyalty_lots (expires_on, account_id) WHERE remaining > 0;

-- Which use took how much of which lot.
CREATE TABLE loyalty_takes (
    entry_id INTEGER NOT NULL REFERENCES loyalty_entries (id),
    lot_id INTEGER NOT NULL REFERENCES loyalty_lots (entry_id),
    points INTEGER NOT NULL CHECK (points > 0),
    PRIMARY KEY (entry_id, lot_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX loyalty_takes_by_lot ON loyalty_takes (lot_id);

-- What was taken back of a stay's points when they were spent already: owed, and taken from the next earning.
CREATE TABLE loyalty_debts (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES loyalty_accounts (id),
    stay_id INTEGER NOT NULL REFERENCES stays (id),
    -- Above zero: owed. Below: paid or no longer owed.
    points INTEGER NOT NULL CHECK (points <> 0),
    -- The entry that paid.
    entry_id INTEGER REFERENCES loyalty_entries (id),
    posted_on TEXT NOT NULL CHECK (posted_on = date(posted_on)),
    posted_at TEXT NOT NULL CHECK (julianday(posted_at) IS NOT NULL)
) STRICT;
CREATE INDEX loyalty_debts_by_account ON loyalty_debts (account_id, stay_id);
CREATE INDEX loyalty_debts_by_stay ON loyalty_debts (stay_id);

-- The lots of what is there: uses of the past took them in the order they came.
INSERT INTO loyalty_lots (entry_id, account_id, points, remaining, expires_on)
SELECT gain.id, gain.account_id, gain.points,
       gain.points - max(0, min(gain.points, coalesce(used.points, 0) - (gain.upto - gain.points))), gain.expires_on
FROM (SELECT id, account_id, points, expires_on, sum(points) OVER (PARTITION BY account_id ORDER BY id) AS upto
      FROM loyalty_entries WHERE points > 0) AS gain
LEFT JOIN (SELECT account_id, -sum(points) AS points FROM loyalty_entries WHERE points < 0 GROUP BY account_id) AS used
       ON used.account_id = gain.account_id;
INSERT INTO loyalty_takes (entry_id, lot_id, points)
SELECT used.id, gain.id, min(used.upto, gain.upto) - max(used.upto - used.points, gain.upto - gain.points)
FROM (SELECT id, account_id, -points AS points, sum(-points) OVER (PARTITION BY account_id ORDER BY id) AS upto
      FROM loyalty_entries WHERE points < 0) AS used
JOIN (SELECT id, account_id, points, sum(points) OVER (PARTITION BY account_id ORDER BY id) AS upto
      FROM loyalty_entries WHERE points > 0) AS gain
  ON gain.account_id = used.account_id AND gain.upto > used.upto - used.points AND gain.upto - gain.points < used.upto;

-- Every entry has its cause.
CREATE TRIGGER loyalty_entries_caused BEFORE INSERT ON loyalty_entries
WHEN CASE NEW.kind
    WHEN 'reverse' THEN NEW.reverses_id IS NULL OR NOT EXISTS
        (SELECT 1 FROM loyalty_entries WHERE id = NEW.reverses_id AND account_id = NEW.account_id AND (points > 0) = (NEW.points < 0))
    WHEN 'expire' THEN NEW.expires_on IS NULL
    WHEN 'redeem' THEN NEW.posted_by IS NULL AND NEW.token_id IS NULL
    ELSE NEW.stay_id IS NULL AND NEW.posted_by IS NULL AND NEW.token_id IS NULL
END
BEGIN SELECT raise(ABORT, 'an entry needs its cause: a stay, somebody, the day of lapsing, or the entry it reverses'); END;

CREATE TRIGGER loyalty_entries_gain AFTER INSERT ON loyalty_entries WHEN NEW.points > 0
BEGIN
    INSERT INTO loyalty_lots (entry_id, account_id, points, remaining, expires_on)
    VALUES (NEW.id, NEW.account_id, NEW.points, NEW.points, NEW.expires_on);
END;
CREATE TRIGGER loyalty_entries_use AFTER INSERT ON loyalty_entries WHEN NEW.points < 0
BEGIN
    INSERT INTO loyalty_takes (entry_id, lot_id, points)
    SELECT NEW.id, entry_id, min(remaining, -NEW.points - before)
    FROM (SELECT entry_id, remaining, sum(remaining) OVER (ORDER BY expires_on IS NULL, expires_on, entry_id) - remaining AS before
          FROM loyalty_lots WHERE account_id = NEW.account_id AND remaining > 0)
    WHERE before < -NEW.points;
    SELECT raise(ABORT, 'a balance of points can not be below zero')
    WHERE (SELECT coalesce(sum(points), 0) FROM loyalty_takes WHERE entry_id = NEW.id) <> -NEW.points;
END;

CREATE TRIGGER loyalty_lots_opened BEFORE INSERT ON loyalty_lots
WHEN NEW.remaining <> NEW.points OR NOT EXISTS
    (SELECT 1 FROM loyalty_entries WHERE id = NEW.entry_id AND account_id = NEW.account_id AND points = NEW.points)
BEGIN SELECT raise(ABORT, 'a lot is what its entry says'); END;
CREATE TRIGGER loyalty_lots_kept BEFORE UPDATE ON loyalty_lots
WHEN NEW.entry_id <> OLD.entry_id OR NEW.account_id <> OLD.account_id OR NEW.points <> OLD.points
    OR NEW.expires_on IS NOT OLD.expires_on
    OR NEW.remaining <> NEW.points - (SELECT coalesce(sum(points), 0) FROM loyalty_takes WHERE lot_id = NEW.entry_id)
BEGIN SELECT raise(ABORT, 'what remains of a lot is what was not taken'); END;
CREATE TRIGGER loyalty_lots_no_delete BEFORE DELETE ON loyalty_lots BEGIN SELECT raise(ABORT, 'loyalty_lots is append-only'); END;

CREATE TRIGGER loyalty_takes_from BEFORE INSERT ON loyalty_takes
WHEN NOT EXISTS (SELECT 1 FROM loyalty_entries AS entry JOIN loyalty_lots AS lot ON lot.account_id = entry.account_id
    WHERE entry.id = NEW.entry_id AND lot.entry_id = NEW.lot_id
    AND -entry.points >= NEW.points + (SELECT coalesce(sum(points), 0) FROM loyalty_takes WHERE entry_id = NEW.entry_id))
BEGIN SELECT raise(ABORT, 'a use takes from lots of its own account, and no more than it says'); END;
CREATE TRIGGER loyalty_takes_taken AFTER INSERT ON loyalty_takes
BEGIN UPDATE loyalty_lots SET remaining = remaining - NEW.points WHERE entry_id = NEW.lot_id; END;
CREATE TRIGGER loyalty_takes_no_update BEFORE UPDATE ON loyalty_takes BEGIN SELECT raise(ABORT, 'loyalty_takes is append-only'); END;
CREATE TRIGGER loyalty_takes_no_delete BEFORE DELETE ON loyalty_takes BEGIN SELECT raise(ABORT, 'loyalty_takes is append-only'); END;

CREATE TRIGGER loyalty_debts_owed BEFORE INSERT ON loyalty_debts
WHEN NEW.points < 0 AND -NEW.points > (SELECT coalesce(sum(points), 0) FROM loyalty_debts
    WHERE account_id = NEW.account_id AND stay_id = NEW.stay_id)
BEGIN SELECT raise(ABORT, 'no more is paid than is owed'); END;
CREATE TRIGGER loyalty_debts_no_update BEFORE UPDATE ON loyalty_debts BEGIN SELECT raise(ABORT, 'loyalty_debts is append-only'); END;
CREATE TRIGGER loyalty_debts_no_delete BEFORE DELETE ON loyalty_debts BEGIN SELECT raise(ABORT, 'loyalty_debts is append-only'); END;
