//! Tasks: follow-ups with an owner and a due date, made by hand or by what happened.

pub mod follow_up;
pub mod list;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::clock;
use crate::db::schema::{cases, tasks, users};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::guests::notes::Team;
use crate::on_either;
use crate::text_enum;
use crate::words::Message;

/// Longest title and result, in characters.
pub const MAX_LENGTH: usize = 500;

/// How far ahead work is planned, in days.
pub const FARTHEST: i64 = 730;

text_enum! {
    /// Where a task comes from.
    pub enum Kind {
        /// Somebody wrote it.
        ByHand = "by_hand",
        /// Whether a case is really put right is asked of the guest.
        CaseFollowUp = "case_follow_up",
    }
}

/// A task.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Task {
    pub id: i64,
    pub property_id: i64,
    pub kind: Kind,
    pub title: Option<String>,
    pub guest_id: Option<i64>,
    pub case_id: Option<i64>,
    /// What the case it follows up was about.
    pub summary: Option<String>,
    pub team: Team,
    pub owner_id: Option<i64>,
    pub owner: Option<String>,
    pub due_on: NaiveDate,
    pub created_at: NaiveDateTime,
    pub done_at: Option<NaiveDateTime>,
    pub result: Option<String>,
}

/// Tasks with their owner and case, as [`Task`] reads them.
macro_rules! with_names {
    () => {
        tasks::table
            .left_join(users::table.on(users::id.nullable().eq(tasks::owner_id)))
            .left_join(cases::table.on(cases::id.nullable().eq(tasks::case_id)))
            .select((
                tasks::id,
                tasks::property_id,
                tasks::kind,
                tasks::title,
                tasks::guest_id,
                tasks::case_id,
                cases::summary.nullable(),
                tasks::team,
                tasks::owner_id,
                users::display_name.nullable(),
                tasks::due_on,
                tasks::created_at,
                tasks::done_at,
                tasks::result,
            ))
    };
}
use with_names;

impl Task {
    /// Whether it is still to be done.
    pub fn is_open(&self) -> bool {
        self.done_at.is_none()
    }

    /// What is to be done, in words.
    pub fn told(&self) -> Message {
        match (&self.title, &self.summary) {
            (Some(title), _) => Message::new("task-title").text("text", title),
            (None, summary) => {
                Message::new("task-follow-up").text("text", summary.clone().unwrap_or_default())
            }
        }
    }

    /// The task under an id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        with_names!()
            .filter(tasks::id.eq(id))
            .first(conn)
            .optional()
    }
}

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewTask<'a> {
    /// The house whose work it is.
    pub property_id: i64,
    /// What is to be done.
    pub title: &'a str,
    /// The guest it is about.
    pub guest_id: Option<i64>,
    /// The case it is about.
    pub case_id: Option<i64>,
    /// Whose work it is, while nobody owns it.
    pub team: Team,
    /// Who does it.
    pub owner_id: Option<i64>,
    /// By when.
    pub due_on: NaiveDate,
    /// What the form carried: the same form sent again makes nothing.
    pub once: &'a str,
}

impl NewTask<'_> {
    /// Makes it; whether it is new. Call it inside a write transaction.
    pub fn create(&self, conn: &mut Conn, user_id: i64) -> QueryResult<bool> {
        let row = (
            tasks::property_id.eq(self.property_id),
            tasks::kind.eq(Kind::ByHand),
            tasks::title.eq(self.title),
            tasks::guest_id.eq(self.guest_id),
            tasks::case_id.eq(self.case_id),
            tasks::team.eq(self.team),
            tasks::owner_id.eq(self.owner_id),
            tasks::due_on.eq(self.due_on),
            tasks::once.eq(self.once),
            tasks::created_by.eq(user_id),
            tasks::created_at.eq(clock::now()),
        );
        let made = on_either!(conn, |c| diesel::insert_into(tasks::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        Ok(made == 1)
    }
}

/// The task, held until the transaction ends, if it is still to be done.
fn hold_open(conn: &mut Conn, id: i64) -> Result<Task, Fault> {
    dialect::lock_task(conn, id)?;
    let task = Task::by_id(conn, id)?.ok_or(Fault::NotFound)?;
    if task.is_open() {
        Ok(task)
    } else {
        Err(Message::new("refused-task-done").into())
    }
}

/// The task is done, with what came of it.
pub fn finish(conn: &mut Conn, id: i64, result: Option<&str>, user_id: i64) -> Result<(), Fault> {
    hold_open(conn, id)?;
    diesel::update(tasks::table.find(id))
        .set((
            tasks::done_at.eq(clock::now()),
            tasks::done_by.eq(user_id),
            tasks::result.eq(result),
        ))
        .execute(conn)?;
    Ok(())
}

/// The task is not done after all.
pub fn reopen(conn: &mut Conn, id: i64) -> Result<(), Fault> {
    dialect::lock_task(conn, id)?;
    let task = Task::by_id(conn, id)?.ok_or(Fault::NotFound)?;
    if task.is_open() {
        return Ok(());
    }
    if let Some(case_id) = task.case_id.filter(|_| task.kind == Kind::CaseFollowUp)
        && follow_up::is_followed(conn, case_id)?
    {
        return Err(Message::new("refused-task-followed").into());
    }
    diesel::update(tasks::table.find(id))
        .set((
            tasks::done_at.eq(None::<NaiveDateTime>),
            tasks::done_by.eq(None::<i64>),
            tasks::result.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// The task is due on another day.
pub fn put_off(conn: &mut Conn, id: i64, due_on: NaiveDate) -> Result<(), Fault> {
    hold_open(conn, id)?;
    diesel::update(tasks::table.find(id))
        .set(tasks::due_on.eq(due_on))
        .execute(conn)?;
    Ok(())
}

/// The task is another's.
pub fn hand_over(conn: &mut Conn, id: i64, team: Team, owner_id: Option<i64>) -> Result<(), Fault> {
    hold_open(conn, id)?;
    diesel::update(tasks::table.find(id))
        .set((tasks::team.eq(team), tasks::owner_id.eq(owner_id)))
        .execute(conn)?;
    Ok(())
}

/// Open tasks that are due by a day, by house, owner and day: what the navigation counts.
pub fn due(conn: &mut Conn, by: NaiveDate) -> QueryResult<Vec<Due>> {
    tasks::table
        .filter(tasks::done_at.is_null())
        .filter(tasks::due_on.le(by))
        .group_by((tasks::property_id, tasks::owner_id, tasks::due_on))
        .select((
            tasks::property_id,
            tasks::owner_id,
            tasks::due_on,
            diesel::dsl::count_star(),
        ))
        .load(conn)
}

/// So many open tasks of somebody in a house, due on a day.
#[derive(Clone, Copy, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Due {
    pub property_id: i64,
    pub owner_id: Option<i64>,
    pub due_on: NaiveDate,
    pub count: i64,
}
