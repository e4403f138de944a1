-- A case has a life: opened once, handled by somebody, closed with the guest's word, and nothing of it is forgotten.

-- What the form that opened it carried: sent twice, it is one case.
ALTER TABLE cases ADD COLUMN once TEXT CHECK (length(once) BETWEEN 1 AND 64);
CREATE UNIQUE INDEX cases_once ON cases (once) WHERE once IS NOT NULL;
-- What the guest thinks of how it was put right; and in their own words.
ALTER TABLE cases ADD COLUMN outcome TEXT
    CHECK (outcome IN ('satisfied', 'not_satisfied', 'not_asked', 'mistake') AND (outcome IS NULL OR closed_at IS NOT NULL));
ALTER TABLE cases ADD COLUMN guest_words TEXT CHECK (length(guest_words) BETWEEN 1 AND 500);
CREATE INDEX cases_by_owner ON cases (owner_id) WHERE closed_at IS NULL;
CREATE INDEX cases_closed ON cases (property_id, closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE case_events (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('opened', 'note', 'hand_over', 'severity', 'compensation', 'closed', 'reopened')),
    at TEXT NOT NULL CHECK (julianday(at) IS NOT NULL),
    -- None: a program.
    user_id INTEGER REFERENCES users (id),
    body TEXT CHECK (length(body) BETWEEN 1 AND 2000),
    -- A code that goes with the kind: the severity, the outcome, what became of a compensation.
    code TEXT CHECK (length(code) BETWEEN 1 AND 32),
    team TEXT CHECK (team IN ('front_desk', 'restaurant', 'housekeeping', 'reservations', 'management')),
    owner_id INTEGER REFERENCES users (id)
) STRICT;
CREATE INDEX case_events_by_case ON case_events (case_id, id);
CREATE TRIGGER case_events_no_update BEFORE UPDATE ON case_events BEGIN SELECT raise(ABORT, 'case_events is append-only'); END;
CREATE TRIGGER case_events_no_delete BEFORE DELETE ON case_events BEGIN SELECT raise(ABORT, 'case_events is append-only'); END;

-- What is known of the cases there are.
INSERT INTO case_events (case_id, kind, at, user_id, body, code, team)
SELECT id, 'opened', opened_at, opened_by, summary, CASE severity WHEN 1 THEN 'minor' WHEN 2 THEN 'serious' ELSE 'severe' END, department
FROM cases;
INSERT INTO case_events (case_id, kind, at, user_id, body)
SELECT id, 'closed', closed_at, closed_by, nullif(substr(resolution, 1, 2000), '') FROM cases WHERE closed_at IS NOT NULL;
