-- The day the tier was reached, so that the guest is told; none where it was lost since, or stood before anybody wrote it down.
ALTER TABLE loyalty_accounts ADD COLUMN raised_on TEXT CHECK (raised_on = date(raised_on));
CREATE INDEX loyalty_accounts_raised ON loyalty_accounts (raised_on) WHERE raised_on IS NOT NULL;
