//! The part of a name that matched what was typed. Pure.

use super::fit;
use crate::guests::names;

/// A name cut where it matched what was typed, for marking: the pieces, and whether each matched.
pub fn marked(name: &str, typed: &str) -> Vec<(String, bool)> {
    let words = names::words(typed);
    if let Some(at) = name.find(typed.trim()).filter(|_| !typed.trim().is_empty()) {
        let (before, rest) = name.split_at(at);
        let (hit, behind) = rest.split_at(typed.trim().len());
        return [(before, false), (hit, true), (behind, false)]
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, hit)| (text.to_owned(), hit))
            .collect();
    }
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for piece in name.split_inclusive([' ', '-']) {
        let folded = names::words(piece).concat();
        let begun = words
            .iter()
            .filter(|word| folded.starts_with(word.as_str()))
            .map(String::len)
            .max();
        // With a slip nobody can say which letters are meant: the word is.
        let slipped = || {
            let is_like = |word: &String| fit::is_like(word, &folded);
            words.iter().any(is_like).then_some(folded.len())
        };
        let hit = begun.or_else(slipped);
        // Folded and written letters are as many, but for ligatures and other scripts: then the whole word is marked.
        let letters = piece.trim_end_matches([' ', '-']).chars().count();
        let cut = hit.map(|length| {
            if folded.len() == letters {
                length
            } else {
                letters
            }
        });
        let at = cut.map_or(0, |count| {
            piece
                .char_indices()
                .nth(count)
                .map_or(piece.len(), |(index, _)| index)
        });
        let (hit, rest) = piece.split_at(at);
        pieces.extend(
            [(hit.to_owned(), true), (rest.to_owned(), false)]
                .into_iter()
                .filter(|(text, _)| !text.is_empty()),
        );
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(name: &str, typed: &str) -> String {
        marked(name, typed)
            .into_iter()
            .map(|(text, hit)| if hit { format!("[{text}]") } else { text })
            .collect()
    }

    #[test]
    fn a_word_that_is_only_like_what_was_typed_is_marked_whole() {
        assert_eq!(marks("Hans-Peter Müller", "mulelr"), "Hans-Peter [Müller]");
        assert_eq!(
            marks("Hans-Peter Müller", "peter mulelr"),
            "Hans-[Peter] [Müller]"
        );
        assert_eq!(marks("Hans-Peter Müller", "schmidt"), "Hans-Peter Müller");
    }

    #[test]
    fn the_matched_part_is_marked_whatever_the_accents() {
        assert_eq!(marks("Hans-Peter Müller", "mul"), "Hans-Peter [Mül]ler");
        assert_eq!(marks("Ouyang Nana", "nana ou"), "[Ou]yang [Nana]");
        assert_eq!(marks("欧阳娜娜", "欧阳"), "[欧阳]娜娜");
    }
}
