-- A letter that was dropped does not stand in the way of another about the same stay.
DROP INDEX greetings_once_a_stay;
CREATE UNIQUE INDEX greetings_once_a_stay ON greetings (stay_id, occasion) WHERE stay_id IS NOT NULL AND state <> 'dropped';
-- Letters in doubt are few among all that ever were, and looked for on each view of the page.
CREATE INDEX greetings_in_doubt ON greetings (property_id, id) WHERE state = 'uncertain';
