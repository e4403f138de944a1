//! `innkeeper match`: each reservation answered, nothing written.

use std::fs;

use diesel::prelude::*;
use innkeeper::db::schema::{guests, stays};

use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both;
use crate::support::world::HEX_KEY;

on_both!(each_reservation_is_answered_and_nothing_is_written);

async fn each_reservation_is_answered_and_nothing_is_written(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("reservations.csv");
    fs::write(
        &file,
        "reservation_id,given_name,family_name,email,phone,birth_date,city\n\
         R1,HANS PETER MR,MUELLER,hp.mueller@example.de,,,\n\
         R2,Zebedee,Quartermain,z.quartermain@example.org,,,\n\
         R3,娜娜,欧阳,,,not a date,\n\
         R4,,,,,,\n",
    )
    .unwrap();
    let count = || -> (i64, i64) {
        app.sql(|conn| {
            Ok((
                guests::table.count().get_result(conn)?,
                stays::table.count().get_result(conn)?,
            ))
        })
    };
    let before = count();
    let url = app.world.url_text();
    let arguments = ["--database-url", &url, "match", "reservations.csv"];
    let mut command = innkeeper(directory.path(), &arguments);
    command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
    let done = finish(command, "");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}");
    assert!(told.contains("rows per second"), "{told}");
    assert!(told.contains("1 cells could not be read"), "{told}");
    let links: Vec<Vec<String>> = csv::Reader::from_reader(done.stdout.as_slice())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .unwrap();
    let decided: Vec<(&str, &str)> = links
        .iter()
        .map(|link| (link[0].as_str(), link[3].as_str()))
        .collect();
    assert_eq!(
        decided,
        [
            ("R1", "linked"),
            ("R2", "new"),
            ("R3", "review"),
            ("R4", "new")
        ]
    );
    let linked = &links[0];
    assert!(!linked[1].is_empty());
    assert!(linked[2].parse::<f64>().unwrap() > 0.9);
    assert!(linked[4].contains("same e-mail"), "{}", linked[4]);
    assert!(links[1][1].is_empty());
    assert_eq!(count(), before);
}
