-- Rooms with a door between them, each pair once.
CREATE TABLE room_connections (
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    other_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (room_id, other_id),
    CHECK (room_id < other_id)
);
