-- How likely the booking is this candidate's; unknown where it was not worked out.
ALTER TABLE stay_candidates ADD COLUMN probability DOUBLE PRECISION CHECK (probability BETWEEN 0 AND 1);
