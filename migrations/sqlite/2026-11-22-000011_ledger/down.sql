DROP TABLE loyalty_debts;
DROP TABLE loyalty_takes;
DROP TABLE loyalty_lots;
DROP TRIGGER loyalty_entries_use;
DROP TRIGGER loyalty_entries_gain;
DROP TRIGGER loyalty_entries_caused;
DROP INDEX loyalty_entries_by_stay;
ALTER TABLE loyalty_entries DROP COLUMN token_id;
ALTER TABLE loyalty_entries DROP COLUMN reverses_id;
