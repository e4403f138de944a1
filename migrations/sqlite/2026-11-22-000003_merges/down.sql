DROP INDEX stays_in_review;
DROP TABLE not_same;
DROP TABLE reviews;
DROP TABLE merge_moves;
DROP TABLE merges;
