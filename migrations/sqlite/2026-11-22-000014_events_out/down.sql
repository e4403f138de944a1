DROP TABLE webhook_deliveries;
DROP TABLE webhook_properties;
DROP TABLE webhooks;
DROP TABLE events;
