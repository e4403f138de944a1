-- Where in its course a dish stands; dishes of one place stand as they were added.
ALTER TABLE dishes ADD COLUMN place INTEGER NOT NULL DEFAULT 0 CHECK (place >= 0);
