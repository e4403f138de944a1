-- Letters of a day are due at the same moment: taken some at a time, they must not be sorted each time.
DROP INDEX greetings_to_send;
CREATE INDEX greetings_to_send ON greetings (next_try_at, id) WHERE state IN ('queued', 'deferred');
