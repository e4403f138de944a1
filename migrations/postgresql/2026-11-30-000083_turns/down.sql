DROP INDEX dining_visits_by_meal;
