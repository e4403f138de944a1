//! The letters of the last weeks, as the planner writes them, and how a mail server took them.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::World;
use crate::clock;
use crate::db::schema::{consents, greeting_attempts, greetings, guest_contacts};
use crate::greetings::message;
use crate::greetings::planning::{self, Plan, When};
use crate::greetings::settings::Settings;
use crate::greetings::{Purpose, State};

/// How many days back letters were written.
const DAYS: i64 = 45;
/// Where they came from.
const FROM: &str = "hello@riverside.example";

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    agree(world)?;
    let settings = Settings::load(world.conn)?;
    for back in (1..=DAYS).rev() {
        let day = world.day(-back);
        let plan = Plan {
            day,
            houses: vec![world.riverside.clone(), world.lakeside.clone()],
            first_house: world.riverside.id,
            settings: settings.clone(),
            when: When::DecentHour,
            now: day.and_time(chrono::NaiveTime::MIN),
        };
        let stays = plan.stays(world.conn)?;
        let (lines, _) = plan.window(world.conn, &stays, 0)?;
        planning::store(world.conn, &plan, &lines)?;
    }
    hand_over(world)
}

/// Those who gave an address of their own and said nothing yet agreed to greetings on their registration card.
fn agree(world: &mut World<'_>) -> QueryResult<()> {
    let asked: Vec<i64> = guest_contacts::table
        .filter(guest_contacts::kind.eq("email"))
        .filter(guest_contacts::masked.eq(false))
        .filter(guest_contacts::guest_id.ne_all(consents::table.select(consents::guest_id)))
        .select(guest_contacts::guest_id)
        .distinct()
        .load(world.conn)?;
    let at = clock::now() - TimeDelta::days(60);
    for guest_id in asked {
        diesel::insert_into(consents::table)
            .values((
                consents::guest_id.eq(guest_id),
                consents::purpose.eq(Purpose::Greetings),
                consents::channel.eq("email"),
                consents::granted.eq(true),
                consents::source.eq("registration card"),
                consents::recorded_at.eq(at),
            ))
            .execute(world.conn)?;
    }
    Ok(())
}

/// The server took all of them but the last, whose answer never came.
fn hand_over(world: &mut World<'_>) -> QueryResult<()> {
    let letters: Vec<(i64, String, String, chrono::NaiveDateTime)> = greetings::table
        .filter(greetings::state.eq(State::Queued))
        .order((greetings::next_try_at, greetings::id))
        .select((
            greetings::id,
            greetings::public_id,
            greetings::mailbox,
            greetings::next_try_at,
        ))
        .load(world.conn)?;
    let last = letters.last().map(|letter| letter.0);
    for (id, public_id, mailbox, at) in letters {
        let (state, answer) = if Some(id) == last {
            (State::Uncertain, "< no answer in time")
        } else {
            (State::Sent, "< 250 2.0.0 queued")
        };
        diesel::update(greetings::table.find(id))
            .set((
                greetings::state.eq(state),
                greetings::sent_at.eq((state == State::Sent).then_some(at)),
                greetings::message_id.eq(message::id(&public_id, FROM)),
                greetings::tries.eq(1),
            ))
            .execute(world.conn)?;
        let said = format!(
            "> MAIL FROM:<{FROM}>\n> RCPT TO:<{mailbox}>\n> DATA\n< 250 2.1.0 sender ok\n\
             < 250 2.1.5 recipient ok\n< 354 go on\n> (11482 bytes)\n{answer}\n"
        );
        diesel::insert_into(greeting_attempts::table)
            .values((
                greeting_attempts::greeting_id.eq(id),
                greeting_attempts::at.eq(at),
                greeting_attempts::node.eq("front-office"),
                greeting_attempts::outcome.eq(state),
                greeting_attempts::conversation.eq(said),
            ))
            .execute(world.conn)?;
    }
    Ok(())
}
