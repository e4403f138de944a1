-- Which profiles' names changed, in the order they were committed: what a search index has still to read.
-- An index that follows is derived; see guests::search::changes. Rows go after some days.
CREATE TABLE search_changes (
    -- Never given twice, so that an index knows where it stands.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Not a reference: that a profile is gone is a change too.
    guest_id INTEGER NOT NULL,
    -- For PostgreSQL alone, where ids do not tell the order of commits.
    transaction_id INTEGER NOT NULL DEFAULT 0,
    changed_at TEXT NOT NULL CHECK (julianday(changed_at) IS NOT NULL)
) STRICT;
-- The first row: by it an index knows its database again.
INSERT INTO search_changes (guest_id, changed_at) VALUES (0, strftime('%Y-%m-%d %H:%M:%f', 'now'));
