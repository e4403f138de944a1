DROP TABLE room_connections;
