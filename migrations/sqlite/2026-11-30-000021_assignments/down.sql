DROP TABLE assignment_moves;
DROP TABLE assignments;
