-- Tasks: follow-ups with an owner and a due date.
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    kind TEXT NOT NULL CHECK (kind IN ('by_hand', 'case_follow_up')),
    -- Of a follow-up the words are made for the reader.
    title TEXT CHECK (length(title) BETWEEN 1 AND 500),
    guest_id INTEGER REFERENCES guests (id),
    stay_id INTEGER REFERENCES stays (id),
    case_id INTEGER REFERENCES cases (id),
    team TEXT NOT NULL CHECK (team IN ('front_desk', 'restaurant', 'housekeeping', 'reservations', 'management')),
    -- None: whoever of the team comes first.
    owner_id INTEGER REFERENCES users (id),
    due_on TEXT NOT NULL CHECK (due_on = date(due_on)),
    -- What the form that made it carried: sent twice, it is one task.
    once TEXT CHECK (length(once) BETWEEN 1 AND 64),
    created_by INTEGER REFERENCES users (id),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    done_at TEXT CHECK (julianday(done_at) IS NOT NULL OR done_at IS NULL),
    done_by INTEGER REFERENCES users (id),
    result TEXT CHECK (length(result) BETWEEN 1 AND 500),
    CHECK ((kind = 'by_hand') = (title IS NOT NULL)),
    CHECK (kind <> 'case_follow_up' OR case_id IS NOT NULL),
    CHECK ((done_at IS NULL) = (done_by IS NULL) AND (result IS NULL OR done_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX tasks_once ON tasks (once) WHERE once IS NOT NULL;
CREATE INDEX tasks_open ON tasks (property_id, due_on) WHERE done_at IS NULL;
CREATE INDEX tasks_done ON tasks (property_id, done_at) WHERE done_at IS NOT NULL;
CREATE INDEX tasks_by_guest ON tasks (guest_id) WHERE guest_id IS NOT NULL;
-- A case is followed up by one task at a time.
CREATE UNIQUE INDEX tasks_follow_up ON tasks (case_id) WHERE kind = 'case_follow_up' AND done_at IS NULL;
