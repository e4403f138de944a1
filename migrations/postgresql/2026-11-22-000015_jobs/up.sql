-- What is done in the background, and which node is doing it: it holds a lease while it works.
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    holder TEXT,
    lease_until TIMESTAMP,
    -- When it may be done next.
    due_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    -- Why the last run failed.
    error TEXT,
    CHECK ((holder IS NULL) = (lease_until IS NULL))
);
