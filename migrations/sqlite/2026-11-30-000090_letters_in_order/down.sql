-- Nothing to change: an index of SQLite ends in the row's id by itself.
SELECT 1;
