//! The questions. Each selects as `offender` what should not be there.

use chrono::NaiveDate;

use super::quoted;

/// Every invariant in words, with the query for what breaks it.
pub(super) fn all(on_sqlite: bool, today: NaiveDate) -> Vec<(&'static str, String)> {
    let today = quoted(today);
    let (days, later) = if on_sqlite {
        (
            format!("julianday(departure) - julianday(max(arrival, {today}))"),
            today.clone(),
        )
    } else {
        (
            format!("departure - greatest(arrival, DATE {today})"),
            format!("DATE {today}"),
        )
    };
    let mut all: Vec<(&'static str, String)> = LEDGER
        .iter()
        .chain(OFFERS)
        .chain(PERSONS)
        .chain(TABLES)
        .chain(CASES)
        .chain(WISHES)
        .chain(LETTERS)
        .map(|(invariant, query)| (*invariant, (*query).to_owned()))
        .collect();
    all.push((
        "a room's nights lie within the stay they are let to",
        "SELECT 'stay ' || stay_id || ', night ' || night AS offender FROM room_nights JOIN stays ON stays.id = stay_id \
         WHERE night < arrival OR night >= departure OR status IN ('cancelled', 'no_show')"
            .into(),
    ));
    all.push((
        "a stay holds all nights ahead in its room, and no other room's",
        format!(
            "SELECT 'stay ' || stays.id AS offender FROM stays \
             LEFT JOIN (SELECT stay_id, room_id, count(*) AS nights FROM room_nights WHERE night >= {later} GROUP BY stay_id, room_id) AS held \
             ON held.stay_id = stays.id \
             WHERE status IN ('reserved', 'in_house') AND departure > {later} \
             AND (stays.room_id IS NULL AND held.room_id IS NOT NULL \
             OR stays.room_id IS NOT NULL AND (held.room_id IS NULL OR held.room_id <> stays.room_id OR held.nights <> {days}))"
        ),
    ));
    all
}

const LEDGER: &[(&str, &str)] = &[
    (
        "a balance is the sum of its lots",
        "SELECT 'account ' || account_id AS offender FROM \
         (SELECT account_id, points FROM loyalty_entries UNION ALL SELECT account_id, -remaining FROM loyalty_lots) AS both_sides \
         GROUP BY account_id HAVING sum(points) <> 0",
    ),
    (
        "a balance is not below zero",
        "SELECT 'account ' || account_id AS offender FROM loyalty_entries GROUP BY account_id HAVING sum(points) < 0",
    ),
    (
        "every gain opened one lot, and every lot was opened by a gain",
        "SELECT 'entry ' || entry.id AS offender FROM loyalty_entries AS entry LEFT JOIN loyalty_lots AS lot ON lot.entry_id = entry.id \
         WHERE (entry.points > 0) <> (lot.entry_id IS NOT NULL) \
         OR lot.entry_id IS NOT NULL AND (lot.points <> entry.points OR lot.account_id <> entry.account_id)",
    ),
    (
        "what remains of a lot is what was not taken",
        "SELECT 'lot ' || lot.entry_id AS offender FROM loyalty_lots AS lot \
         LEFT JOIN (SELECT lot_id, sum(points) AS points FROM loyalty_takes GROUP BY lot_id) AS taken ON taken.lot_id = lot.entry_id \
         WHERE lot.remaining <> lot.points - coalesce(taken.points, 0) OR lot.remaining NOT BETWEEN 0 AND lot.points",
    ),
    (
        "every use is taken from lots of its own account",
        "SELECT 'entry ' || entry.id AS offender FROM loyalty_entries AS entry \
         LEFT JOIN (SELECT loyalty_takes.entry_id, account_id, sum(loyalty_takes.points) AS points FROM loyalty_takes \
         JOIN loyalty_lots ON loyalty_lots.entry_id = lot_id GROUP BY loyalty_takes.entry_id, account_id) AS taken \
         ON taken.entry_id = entry.id \
         WHERE entry.points < 0 AND (taken.points IS NULL OR taken.points <> -entry.points OR taken.account_id <> entry.account_id) \
         OR entry.points > 0 AND taken.points IS NOT NULL",
    ),
    (
        "every entry has its cause",
        "SELECT 'entry ' || id AS offender FROM loyalty_entries WHERE CASE kind \
         WHEN 'reverse' THEN reverses_id IS NULL WHEN 'expire' THEN expires_on IS NULL \
         WHEN 'redeem' THEN posted_by IS NULL AND token_id IS NULL \
         ELSE stay_id IS NULL AND posted_by IS NULL AND token_id IS NULL END",
    ),
    (
        "a stay earns at most once, and on one account",
        "SELECT 'stay ' || stay_id AS offender FROM loyalty_entries WHERE stay_id IS NOT NULL GROUP BY stay_id \
         HAVING sum(CASE kind WHEN 'earn' THEN 1 ELSE 0 END) > 1 OR min(account_id) <> max(account_id)",
    ),
    (
        "nobody has paid more than was owed",
        "SELECT 'stay ' || stay_id AS offender FROM loyalty_debts GROUP BY account_id, stay_id HAVING sum(points) < 0",
    ),
    (
        "a stay checked out at the desk earns for a member",
        "SELECT 'stay ' || stays.id AS offender FROM loyalty_accounts JOIN stays ON stays.guest_id = loyalty_accounts.guest_id \
         LEFT JOIN loyalty_earnings ON loyalty_earnings.stay_id = stays.id \
         LEFT JOIN loyalty_entries ON loyalty_entries.stay_id = stays.id \
         WHERE stays.status = 'departed' AND checked_out_at IS NOT NULL AND closed_at IS NULL AND enrolled_on < arrival \
         AND loyalty_earnings.stay_id IS NULL AND loyalty_entries.id IS NULL \
         AND checked_out_at >= (SELECT min(made_at) FROM loyalty_rules)",
    ),
    (
        "what was approved is posted, once",
        "SELECT 'request ' || request.id AS offender FROM loyalty_requests AS request \
         LEFT JOIN loyalty_entries AS entry ON entry.request_id = request.id \
         LEFT JOIN loyalty_earnings AS earning ON earning.stay_id = request.stay_id \
         WHERE (request.kind = 'adjust' AND (request.answer = 'approved') <> (entry.id IS NOT NULL)) \
         OR (request.kind = 'adjust' AND request.answer IS NULL AND entry.id IS NOT NULL) \
         OR (request.kind = 'missing_stay' AND request.answer = 'approved' AND earning.stay_id IS NULL)",
    ),
];

/// What was taken is done, and what was taken back is undone.
const OFFERS: &[(&str, &str)] = &[
    (
        "what a guest took is on the folio at its price, and off it when taken back",
        "SELECT 'offer ' || offers.id AS offender FROM offers WHERE offers.state IN ('accepted', 'undone') \
         AND (SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM folio_charges WHERE folio_charges.stay_id = offers.stay_id \
         AND folio_charges.reference LIKE 'offer-' || offers.id || ':%') \
         <> CASE offers.state WHEN 'accepted' THEN offers.price_minor ELSE 0 END",
    ),
    (
        "points that were offered and taken are in the ledger",
        "SELECT 'offer ' || offers.id AS offender FROM offers LEFT JOIN loyalty_entries ON loyalty_entries.id = offers.entry_id \
         WHERE offers.kind = 'points' AND offers.state = 'accepted' AND (loyalty_entries.id IS NULL OR loyalty_entries.points <> offers.value)",
    ),
];

const CASES: &[(&str, &str)] = &[
    (
        "a closed case says what was done",
        "SELECT 'case ' || id AS offender FROM cases WHERE closed_at IS NOT NULL AND coalesce(resolution, '') = '' \
         OR closed_at IS NULL AND (outcome IS NOT NULL OR closed_by IS NOT NULL)",
    ),
    (
        "a case is as open as its history says",
        "SELECT 'case ' || cases.id AS offender FROM cases JOIN case_events AS last ON last.id = \
         (SELECT max(id) FROM case_events WHERE case_id = cases.id AND kind IN ('opened', 'closed', 'reopened')) \
         WHERE (last.kind = 'closed') <> (closed_at IS NOT NULL)",
    ),
    (
        "money given for a case is on the folio, once and to the cent",
        "SELECT 'compensation ' || given.id AS offender FROM case_compensations AS given \
         LEFT JOIN (SELECT stay_id, reference, sum(amount_minor) AS amount, min(currency) AS currency, count(*) AS times \
         FROM folio_charges WHERE reference LIKE 'compensation-%' GROUP BY stay_id, reference) AS posted \
         ON posted.stay_id = given.stay_id AND posted.reference = 'compensation-' || given.id || ':other:0' \
         WHERE (given.kind = 'money' AND given.state IN ('given', 'approved')) <> (posted.stay_id IS NOT NULL) \
         OR posted.stay_id IS NOT NULL AND (posted.amount <> -given.cost_minor OR posted.currency <> given.currency OR posted.times <> 1)",
    ),
    (
        "points given for a case are in the ledger, once and to the point",
        "SELECT 'compensation ' || given.id AS offender FROM case_compensations AS given \
         LEFT JOIN loyalty_entries AS entry ON entry.id = given.entry_id \
         WHERE (given.kind = 'points' AND given.state IN ('given', 'approved')) <> (entry.id IS NOT NULL) \
         OR entry.id IS NOT NULL AND (entry.points <> given.points OR entry.account_id <> given.account_id)",
    ),
    (
        "a case is followed up by one task at a time",
        "SELECT 'case ' || case_id AS offender FROM tasks WHERE kind = 'case_follow_up' AND done_at IS NULL \
         GROUP BY case_id HAVING count(*) > 1",
    ),
];

const PERSONS: &[(&str, &str)] = &[
    (
        "a person is a profile that stands for itself",
        "SELECT 'guest ' || guest.id AS offender FROM guests AS guest JOIN guests AS person ON person.id = guest.person_id \
         WHERE guest.person_id <> guest.id AND person.person_id <> person.id",
    ),
    (
        "the profiles of a merge that stands are one person",
        "SELECT 'merge ' || merges.id AS offender FROM merges JOIN guests AS one ON one.id = merges.guest_id \
         JOIN guests AS other ON other.id = merges.other_id WHERE undone_at IS NULL AND one.person_id <> other.person_id",
    ),
    (
        "who is not the same is not one person",
        "SELECT 'guests ' || one.id || ' and ' || other.id AS offender FROM not_same JOIN guests AS one ON one.id = not_same.guest_id \
         JOIN guests AS other ON other.id = not_same.other_id WHERE withdrawn_at IS NULL AND one.person_id = other.person_id",
    ),
    (
        "a booking that is asked about has somebody to ask about",
        "SELECT 'stay ' || stays.id AS offender FROM stays WHERE decision = 'review' \
         AND NOT EXISTS (SELECT 1 FROM stay_candidates WHERE stay_id = stays.id)",
    ),
    (
        "a key of the API has its answer",
        "SELECT 'key ' || key AS offender FROM idempotency_keys WHERE status IS NULL",
    ),
];

const TABLES: &[(&str, &str)] = &[
    (
        "a table is promised to parties that come or have come, and to no other",
        "SELECT 'party ' || visit_id || ', table ' || table_id AS offender FROM dining_slots \
         JOIN dining_visits ON dining_visits.id = visit_id WHERE status IN ('waiting', 'cancelled', 'no_show')",
    ),
    (
        "a table is promised to a party that has it",
        "SELECT 'party ' || dining_slots.visit_id || ', table ' || dining_slots.table_id AS offender FROM dining_slots \
         LEFT JOIN dining_visit_tables AS sat ON sat.visit_id = dining_slots.visit_id AND sat.table_id = dining_slots.table_id \
         WHERE sat.table_id IS NULL",
    ),
    (
        "whoever sits at a table is seated, and whoever is seated sits at a table",
        "SELECT 'party ' || dining_visits.id AS offender FROM dining_visits \
         LEFT JOIN (SELECT DISTINCT visit_id FROM dining_visit_tables WHERE occupied) AS sits ON sits.visit_id = dining_visits.id \
         WHERE (status = 'seated') <> (sits.visit_id IS NOT NULL)",
    ),
];

const WISHES: &[(&str, &str)] = &[
    (
        "what stays taught is a liking or a dislike, never more",
        "SELECT 'preference ' || id AS offender FROM preferences WHERE retired_at IS NULL AND noted_stay_id IS NOT NULL \
         AND source IN ('observed', 'inferred') AND strength NOT IN ('prefer', 'avoid')",
    ),
    (
        "a promise is of a stay that took place",
        "SELECT 'stay ' || stay_id AS offender FROM promises JOIN stays ON stays.id = stay_id \
         WHERE status NOT IN ('in_house', 'departed') GROUP BY stay_id",
    ),
    (
        "a guest moved between rooms of the house",
        "SELECT 'move ' || room_moves.id AS offender FROM room_moves JOIN stays ON stays.id = stay_id \
         JOIN rooms AS left_room ON left_room.id = from_room_id JOIN rooms AS taken ON taken.id = to_room_id \
         WHERE left_room.property_id <> stays.property_id OR taken.property_id <> stays.property_id",
    ),
];

const LETTERS: &[(&str, &str)] = &[
    (
        "a letter that was sent was accepted, or somebody says that it arrived",
        "SELECT 'letter ' || public_id AS offender FROM greetings WHERE state = 'sent' AND NOT EXISTS \
         (SELECT 1 FROM greeting_attempts WHERE greeting_id = greetings.id AND outcome IN ('sent', 'uncertain'))",
    ),
    (
        "a letter that was accepted is not sent again",
        "SELECT 'letter ' || public_id AS offender FROM greetings WHERE state NOT IN ('sent', 'dropped', 'bounced') AND EXISTS \
         (SELECT 1 FROM greeting_attempts WHERE greeting_id = greetings.id AND outcome = 'sent')",
    ),
    (
        "a letter is accepted once, unless it was in doubt between",
        "SELECT 'letter ' || public_id AS offender FROM greetings \
         JOIN (SELECT greeting_id, sum(CASE outcome WHEN 'sent' THEN 1 ELSE 0 END) AS accepted, \
                      sum(CASE outcome WHEN 'uncertain' THEN 1 ELSE 0 END) AS doubted \
               FROM greeting_attempts GROUP BY greeting_id) AS tried ON tried.greeting_id = greetings.id \
         WHERE accepted > 1 + doubted",
    ),
    (
        "a letter that is held back for comparison was never tried",
        "SELECT 'letter ' || public_id AS offender FROM greetings WHERE state = 'held_back' AND EXISTS \
         (SELECT 1 FROM greeting_attempts WHERE greeting_id = greetings.id)",
    ),
    (
        "a letter that was tried has the Message-ID it keeps",
        "SELECT 'letter ' || public_id AS offender FROM greetings \
         WHERE state IN ('claimed', 'handing_over', 'sent', 'deferred', 'bounced') AND message_id IS NULL",
    ),
    (
        "a letter about a stay names one of the house that writes",
        "SELECT 'letter ' || greetings.public_id AS offender FROM greetings LEFT JOIN stays ON stays.id = greetings.stay_id \
         WHERE (occasion IN ('before_arrival', 'welcome', 'after_departure')) <> (stay_id IS NOT NULL) \
         OR stays.property_id <> greetings.property_id",
    ),
];
