-- What a clerk said of a wish that was read in the words of a booking: it holds, or it was misread. Asked once.
CREATE TABLE stay_readings (
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    code TEXT NOT NULL REFERENCES features (code),
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'dismissed')),
    decided_by INTEGER REFERENCES users (id),
    decided_at TEXT NOT NULL CHECK (julianday(decided_at) IS NOT NULL),
    PRIMARY KEY (stay_id, code)
) STRICT, WITHOUT ROWID;
