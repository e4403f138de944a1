-- How long the latest parties of a meal sat is found without reading all that an outlet has ever seen.
CREATE INDEX dining_visits_by_meal ON dining_visits (outlet_id, meal, status, on_date);
