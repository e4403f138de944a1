DROP TABLE case_compensations;
DROP TABLE case_gestures;
