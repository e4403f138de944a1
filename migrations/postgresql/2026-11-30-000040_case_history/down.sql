DROP TABLE case_events;
DROP INDEX cases_closed;
DROP INDEX cases_by_owner;
ALTER TABLE cases DROP COLUMN guest_words;
ALTER TABLE cases DROP COLUMN outcome;
DROP INDEX cases_once;
ALTER TABLE cases DROP COLUMN once;
