//! `innkeeper check` finds letters that can't be.

use diesel::connection::SimpleConnection;

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(every_letter_that_cannot_be_is_found);

/// The letters of the demo, one after the other, and what is wrong with each once it was touched by hand.
const TOUCHED: [(&str, &str); 6] = [
    (
        "DELETE FROM greeting_attempts WHERE greeting_id = (SELECT min(id) FROM greetings WHERE state = 'sent')",
        "a letter that was sent was accepted, or somebody says that it arrived",
    ),
    (
        "UPDATE greetings SET state = 'queued', sent_at = NULL WHERE id = (SELECT max(id) FROM greetings WHERE state = 'sent')",
        "a letter that was accepted is not sent again",
    ),
    (
        "INSERT INTO greeting_attempts (greeting_id, at, node, outcome, conversation) \
         SELECT greeting_id, at, node, outcome, conversation FROM greeting_attempts WHERE greeting_id = \
         (SELECT max(id) FROM greetings WHERE state = 'sent')",
        "a letter is accepted once, unless it was in doubt between",
    ),
    (
        "UPDATE greetings SET state = 'held_back' WHERE state = 'uncertain'",
        "a letter that is held back for comparison was never tried",
    ),
    (
        "UPDATE greetings SET message_id = NULL WHERE id = (SELECT max(id) FROM greetings WHERE state = 'sent')",
        "a letter that was tried has the Message-ID it keeps",
    ),
    (
        "UPDATE greetings SET stay_id = NULL WHERE id = (SELECT max(id) FROM greetings WHERE state = 'sent' AND stay_id IS NOT NULL)",
        "a letter about a stay names one of the house that writes",
    ),
];

async fn every_letter_that_cannot_be_is_found(app: TestApp) {
    assert_eq!(app.broken(), []);
    for (index, (touch, invariant)) in TOUCHED.into_iter().enumerate() {
        app.sql(|conn| conn.batch_execute(touch));
        let found = app.broken();
        let own = found.iter().find(|finding| finding.invariant == invariant);
        assert_eq!(own.map(|finding| finding.count), Some(1), "{touch}");
        assert_eq!(found.len(), index + 1, "{found:?}");
    }
}
