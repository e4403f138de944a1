DROP INDEX dining_orders_once;
ALTER TABLE dining_orders DROP COLUMN once;
