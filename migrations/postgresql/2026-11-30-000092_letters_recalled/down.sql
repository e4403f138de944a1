DROP INDEX greetings_in_doubt;
DROP INDEX greetings_once_a_stay;
CREATE UNIQUE INDEX greetings_once_a_stay ON greetings (stay_id, occasion) WHERE stay_id IS NOT NULL;
