//! What turns a wish round, or lets it go: "no", "not near", "we don't need", 不要, 不用.

use std::sync::LazyLock;

use super::tokens::{self, Place};

/// How far before a wish its turn may stand, in words.
const REACH: usize = 7;

/// What stands before or behind a wish, and what it does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Makes it something to avoid.
    Round,
    /// Says that it does not matter.
    Idle,
    /// Says that it is meant as it stands: what comes before belongs to something else.
    Halt,
    /// Joins it to the wish before.
    Joins,
    /// Behind a wish: says that it does not matter.
    After,
}

static TURNS: LazyLock<Vec<(Turn, Vec<String>)>> = LazyLock::new(|| {
    tokens::phrases(include_str!("turns.txt"), |name| match name {
        "round" => Some(Turn::Round),
        "idle" => Some(Turn::Idle),
        "halt" => Some(Turn::Halt),
        "joins" => Some(Turn::Joins),
        "after" => Some(Turn::After),
        _ => None,
    })
});

/// The turns of a clause, where its wishes have left words.
pub(super) struct Turns {
    before: Vec<(Place, Turn)>,
    after: Vec<(Place, Turn)>,
}

impl Turns {
    /// Finds them.
    pub(super) fn of(words: &[String], taken: &[bool]) -> Self {
        let of = |is_after: bool| {
            let turns: Vec<(Turn, Vec<String>)> = TURNS
                .iter()
                .filter(|(turn, _)| (*turn == Turn::After) == is_after)
                .cloned()
                .collect();
            tokens::find(words, &turns, &mut taken.to_vec())
        };
        Self {
            before: of(false),
            after: of(true),
        }
    }

    /// What becomes of the wish at a place; `earlier` is the wish before it and what became of that, `next` where the
    /// wish behind it begins.
    pub(super) fn at(
        &self,
        place: Place,
        earlier: Option<(Place, Turn)>,
        next: Option<usize>,
    ) -> Turn {
        let lets_go = |after: Place| {
            (place.end..=place.end + 1).contains(&after.start)
                && next.is_none_or(|next| next > after.end + 1)
        };
        if self.after.iter().any(|(after, _)| lets_go(*after)) {
            return Turn::Idle;
        }
        let before = self.before.iter().rev();
        let within = before.filter(|(turn_at, _)| {
            turn_at.end <= place.start && turn_at.start + REACH >= place.start
        });
        for (turn_at, turn) in within {
            match (turn, earlier) {
                (_, Some((wish, _))) if turn_at.end <= wish.start => return Turn::Halt,
                (Turn::Joins, Some((_, what))) => return what,
                (Turn::Joins, None) => {}
                (turn, _) => return *turn,
            }
        }
        Turn::Halt
    }
}
