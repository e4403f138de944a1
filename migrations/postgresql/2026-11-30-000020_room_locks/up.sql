-- Rooms promised to a guest: nobody moves the stay while it has that room.
CREATE TABLE room_locks (
    stay_id BIGINT PRIMARY KEY REFERENCES stays (id) ON DELETE CASCADE,
    -- The room meant: with another one the lock means nothing any more.
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 200),
    locked_at TIMESTAMP NOT NULL,
    locked_by BIGINT REFERENCES users (id)
);
