DROP INDEX loyalty_accounts_raised;
ALTER TABLE loyalty_accounts DROP COLUMN raised_on;
