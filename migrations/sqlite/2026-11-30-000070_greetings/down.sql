DROP TABLE greeting_runs;
DROP TABLE suppressions;
DROP TABLE greeting_attempts;
DROP TABLE greetings;
