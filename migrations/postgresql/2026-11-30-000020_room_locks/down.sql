DROP TABLE room_locks;
