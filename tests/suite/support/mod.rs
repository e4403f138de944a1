pub(crate) mod database;
