-- Which node takes a day's backup, and what became of it.
CREATE TABLE backup_runs (
    day DATE PRIMARY KEY,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    file TEXT,
    bytes BIGINT CHECK (bytes > 0),
    -- Why there is none, in English: it is read beside the names of files and tools.
    error TEXT,
    CHECK (finished_at IS NOT NULL OR (file IS NULL AND error IS NULL)),
    CHECK (file IS NULL OR error IS NULL)
);
