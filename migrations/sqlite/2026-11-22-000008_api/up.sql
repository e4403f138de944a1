-- How likely recognition found its first candidate; none where it was not asked.
ALTER TABLE stays ADD COLUMN probability REAL CHECK (probability BETWEEN 0 AND 1);
-- When the stay's source last changed it: what is older changes nothing.
ALTER TABLE stays ADD COLUMN source_updated_at TEXT CHECK (julianday(source_updated_at) IS NOT NULL OR source_updated_at IS NULL);

-- Writes by API that carried a key, with what was answered: the same key again is answered the same, and done once.
CREATE TABLE idempotency_keys (
    token_id INTEGER NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- SHA-256 of method, address and body.
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    -- None only within the transaction that claimed the key.
    status INTEGER CHECK (status BETWEEN 200 AND 299),
    body TEXT,
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    PRIMARY KEY (token_id, key),
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
