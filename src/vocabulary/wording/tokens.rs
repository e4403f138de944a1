//! A text as its words: Latin ones whole, Chinese ones character by character, so that one search finds both.

/// The words of a text.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.to_lowercase().chars() {
        let c = if c == '’' { '\'' } else { c };
        if is_alone(c) {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            words.push(c.into());
        } else if c.is_alphanumeric() || c == '\'' {
            word.push(c);
        } else {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// Chinese characters, and the comma that joins them in a list.
fn is_alone(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '、')
}

/// A place in a text, from one word up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub start: usize,
    pub end: usize,
}

/// Whether words stand at a place.
pub(super) fn stand_at(words: &[String], phrase: &[String], start: usize) -> bool {
    words.get(start..start + phrase.len()) == Some(phrase)
}

/// Every place where one of the phrases stands, with what the phrase is of; where two overlap, the one listed first has it.
/// `taken` are words that belong to something already.
pub(super) fn find<T: Copy>(
    words: &[String],
    phrases: &[(T, Vec<String>)],
    taken: &mut [bool],
) -> Vec<(Place, T)> {
    let mut found = Vec::new();
    for (of, phrase) in phrases {
        for start in 0..words.len() {
            let place = Place {
                start,
                end: start + phrase.len(),
            };
            let Some(range) = taken.get_mut(place.start..place.end) else {
                break;
            };
            if !range.contains(&true) && stand_at(words, phrase, start) {
                range.fill(true);
                found.push((place, *of));
            }
        }
    }
    found.sort_by_key(|(place, _)| place.start);
    found
}

/// The lists of a file, `name: phrase; phrase` a line.
pub(super) fn lists(
    file: &'static str,
) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    file.lines().filter_map(|line| {
        let (name, phrases) = line.split_once(':')?;
        Some((name, phrases.split(';').map(str::trim)))
    })
}

/// The phrases of a file with what each is of, the longest first.
pub(super) fn phrases<T>(
    file: &'static str,
    of: impl Fn(&'static str) -> Option<T>,
) -> Vec<(T, Vec<String>)> {
    let mut all: Vec<(T, Vec<String>)> = lists(file)
        .flat_map(|(name, phrases)| phrases.map(move |phrase| (name, phrase)))
        .filter_map(|(name, phrase)| Some((of(name)?, self::of(phrase))))
        .collect();
    all.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    all
}
