-- Hashes under which a profile is found by what is only like it; see guests::likeness. Derived, rebuilt at will.
CREATE TABLE guest_likeness (
    key INTEGER NOT NULL,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    PRIMARY KEY (key, guest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_likeness_by_guest ON guest_likeness (guest_id);
