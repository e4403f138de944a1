-- The form's own key: a dish that is sent twice, because an answer was lost, is noted once.
ALTER TABLE dining_orders ADD COLUMN once TEXT CHECK (length(once) BETWEEN 1 AND 64);
CREATE UNIQUE INDEX dining_orders_once ON dining_orders (once) WHERE once IS NOT NULL;
