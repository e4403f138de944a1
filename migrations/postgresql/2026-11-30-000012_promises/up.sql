-- What became of each wish of a stay.
CREATE TABLE promises (
    stay_id BIGINT NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    code TEXT NOT NULL REFERENCES features (code),
    strength TEXT NOT NULL CHECK (strength IN ('must', 'prefer', 'avoid', 'never')),
    -- None where nobody knows.
    outcome TEXT CHECK (outcome IN ('kept', 'missed')),
    -- Who said so; none where the room's features did.
    marked_by BIGINT REFERENCES users (id),
    marked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (stay_id, code)
);
