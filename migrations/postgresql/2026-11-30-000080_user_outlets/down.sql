DROP TABLE user_outlets;
