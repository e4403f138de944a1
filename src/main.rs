//! The `innkeeper` command.

fn main() {}
