-- Hashes under which a profile is found by what is only like it; see guests::likeness. Derived, rebuilt at will.
CREATE TABLE guest_likeness (
    key BIGINT NOT NULL,
    guest_id BIGINT NOT NULL REFERENCES guests (id),
    PRIMARY KEY (key, guest_id)
);
CREATE INDEX guest_likeness_by_guest ON guest_likeness (guest_id);
