ALTER TABLE stay_candidates DROP COLUMN probability;
