-- The restaurants a host is limited to; without a row, those of their houses.
CREATE TABLE user_outlets (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    outlet_id BIGINT NOT NULL REFERENCES outlets (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, outlet_id)
);
