pub mod app;
pub mod binary;
pub mod browser;
pub mod client;
pub mod database;
pub mod receiver;
pub mod sitemap;
pub mod smtp;
pub mod world;

/// Runs async tests on each database there is, each in a demo hotel of its own: `on_both!(a_test, another);`
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                use crate::support::{app, world::On};

                #[test]
                fn sqlite() {
                    app::run(On::Sqlite, super::$name);
                }

                #[test]
                fn postgresql() {
                    app::run(On::Postgresql, super::$name);
                }
            }
        )+
    };
}
pub(crate) use on_both;

/// The same in a hotel on its first day, with nothing in it.
macro_rules! on_both_empty {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                use crate::support::{app, world::On};

                #[test]
                fn sqlite() {
                    app::run_empty(On::Sqlite, super::$name);
                }

                #[test]
                fn postgresql() {
                    app::run_empty(On::Postgresql, super::$name);
                }
            }
        )+
    };
}
pub(crate) use on_both_empty;
