DROP INDEX greetings_to_send;
CREATE INDEX greetings_to_send ON greetings (next_try_at) WHERE state IN ('queued', 'deferred');
