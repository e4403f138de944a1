DROP TABLE offers;
DROP TABLE offer_rules;
