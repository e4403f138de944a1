DROP TABLE stay_readings;
