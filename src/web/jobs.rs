//! What a serving process does by the clock.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use actix_web::web::Data;

use super::App;
use crate::clock;
use crate::error::Fault;
use crate::stays::held;

/// How often held events are looked through.
const TURN: Duration = Duration::from_secs(60);

/// Starts the clock, which stops with the server. Every node may have one.
pub fn start(app: &Data<App>) {
    let app = Arc::downgrade(&Data::clone(app).into_inner());
    thread::spawn(move || {
        while turn(&app) {
            thread::sleep(TURN);
        }
    });
}

/// Does what is due; false where the server is gone.
fn turn(app: &Weak<App>) -> bool {
    let Some(app) = app.upgrade() else {
        return false;
    };
    let reference = app.db.read(|conn| Ok::<_, Fault>(app.reference.get(conn)?));
    let done = reference.and_then(|reference| held::try_due(&app.db, &reference, clock::now()));
    match done {
        Ok(houses) => houses
            .into_iter()
            .for_each(|property_id| app.live.changed(property_id)),
        Err(fault) => log::warn!("held events were not tried: {fault:?}"),
    }
    true
}
