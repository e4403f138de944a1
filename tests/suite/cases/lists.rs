//! The list of cases: by state, by house, by rights.

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(the_list_shows_whose_what_is_due_and_what_is_closed,);

async fn the_list_shows_whose_what_is_due_and_what_is_closed(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let open = lin.see("/cases").await;
    // What is longest due stands first; the clock of each is told.
    let rows = open.all("table.work tbody tr");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(
        rows[0].contains("lift noise at night") && rows[0].contains("overdue"),
        "{rows:?}"
    );
    // The demo's minibar was told of 35 minutes before the demo was made.
    assert!(rows[1].contains("minibar hums all night"), "{rows:?}");
    assert!(
        rows[1].contains("due in ") || rows[1].contains("overdue "),
        "{rows:?}"
    );
    assert!(open.text("nav.rail a[href='/cases']").contains("2 open"));
    let mine = lin.see("/cases?show=mine").await.all("table.work tbody tr");
    assert!(mine.len() == 1 && mine[0].contains("Lin Yue"), "{mine:?}");
    let overdue = lin
        .see("/cases?show=overdue")
        .await
        .all("table.work tbody tr");
    assert!(
        !overdue.is_empty() && overdue[0].contains("lift noise"),
        "{overdue:?}"
    );
    let closed = lin
        .see("/cases?show=closed")
        .await
        .all("table.work tbody tr");
    assert_eq!(closed.len(), 2, "{closed:?}");
    assert!(
        closed.iter().any(|row| row.contains("Satisfied")),
        "{closed:?}"
    );
    // The other house has none of its own, and sees none of these.
    let sun = app.sign_in("sun").await;
    let none = sun.see("/cases").await;
    assert!(none.has("section.empty") && none.all("table.work tbody tr").is_empty());
    // Who works in both chooses.
    let zhou = app.sign_in("zhou").await;
    assert_eq!(zhou.see("/cases").await.count("table.work tbody tr"), 2);
    assert_eq!(
        zhou.see("/cases?in=LAK").await.count("table.work tbody tr"),
        0
    );
    assert_eq!(
        zhou.see("/cases?in=RIV").await.count("table.work tbody tr"),
        2
    );
    // A live list fetches its rows alone.
    let rows = lin.see("/cases?show=open&fragment=1").await;
    assert!(rows.body.contains("id=\"filters\"") && !rows.body.contains("<nav class=\"rail"));
    assert!(lin.see("/cases").await.queries() <= 7);
}
