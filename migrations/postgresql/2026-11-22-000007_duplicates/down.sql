DROP INDEX not_same_by_answer;
DROP INDEX merges_by_answer;
ALTER TABLE not_same DROP COLUMN answer_id;
ALTER TABLE merges DROP COLUMN answer_id;
DROP TABLE duplicate_answers;
DROP TABLE duplicate_runs;
DROP TABLE duplicate_pairs;
