//! The index of names on disk, by tantivy: words, their beginnings, whole names in one word, and characters.
//!
//! It holds nothing that is not in the database, and is only asked who might be meant; see [`super::follower`].

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::collector::TopDocs;
use tantivy::directory::MmapDirectory;
use tantivy::fastfield::Column;
use tantivy::index::SegmentId;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery,
};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{
    DocAddress, DocId, IndexReader, IndexWriter, ReloadPolicy, Score, Searcher, SegmentReader,
    TantivyDocument, TantivyError, Term,
};

use super::changes::Place;
use super::fit::Spelled;
use super::presence::Likely;
use super::typed::Typed;

/// Another shape of the index, another number: an older one is built anew.
const VERSION: u32 = 1;
/// Letters of a beginning that is kept as a word of its own; a longer one is found among the words.
const HEAD: usize = 3;
/// Profiles looked at closely of all that fit.
const MOST: usize = 50;
/// Scores of a word: in full, begun, with a slip, begun with a slip. Only their differences matter.
const WHOLE: Score = 20.0;
const BEGUN: Score = 19.4;
const SLIPPED: Score = 13.0;
const BEGUN_SLIPPED: Score = 11.5;

#[derive(Clone, Copy)]
struct Fields {
    guest: Field,
    word: Field,
    head: Field,
    glued: Field,
    character: Field,
}

/// What an index says of itself in its last commit.
#[derive(Serialize, Deserialize)]
struct Label {
    version: u32,
    place: Place,
}

/// An index in a directory.
pub struct Index {
    index: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
}

/// An index as of one commit.
pub struct Snapshot {
    searcher: Searcher,
    fields: Fields,
    /// Whose document each is, by segment: opening the column takes longer than a search.
    guests: Arc<HashMap<SegmentId, Column<u64>>>,
    /// Changes from here on are not in it.
    pub place: Place,
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let text = TextOptions::default().set_indexing_options(indexing);
    let fields = Fields {
        guest: builder.add_u64_field("guest", FAST | INDEXED),
        word: builder.add_text_field("word", text.clone()),
        head: builder.add_text_field("head", text.clone()),
        glued: builder.add_text_field("glued", text.clone()),
        character: builder.add_text_field("character", text),
    };
    (builder.build(), fields)
}

impl Index {
    /// The index in a directory, and where it stands; none that is whole and of this version, none.
    pub fn open(directory: &Path) -> tantivy::Result<Option<(Self, Place)>> {
        let mapped = MmapDirectory::open(directory)?;
        if !tantivy::Index::exists(&mapped)? {
            return Ok(None);
        }
        let index = tantivy::Index::open(mapped)?;
        let label = index.load_metas()?.payload;
        let label: Option<Label> = label.and_then(|text| serde_json::from_str(&text).ok());
        let Some(label) = label.filter(|label| label.version == VERSION) else {
            return Ok(None);
        };
        if index.schema() != schema().0 || !index.validate_checksum()?.is_empty() {
            return Ok(None);
        }
        Ok(Some((Self::over(index)?, label.place)))
    }

    /// An empty index in a directory, whatever was there.
    pub fn create(directory: &Path) -> tantivy::Result<Self> {
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(directory)?,
        }
        let index = tantivy::Index::create_in_dir(directory, schema().0)?;
        Self::over(index)
    }

    fn over(index: tantivy::Index) -> tantivy::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Self {
            index,
            reader,
            fields: schema().1,
        })
    }

    /// The one that writes, with so many threads and bytes.
    pub fn writer(&self, threads: usize, bytes: usize) -> tantivy::Result<IndexWriter> {
        self.index.writer_with_num_threads(threads, bytes)
    }

    /// Puts a name in the place of what is known of a profile; no name takes the profile out.
    pub fn put(
        &self,
        writer: &IndexWriter,
        guest_id: i64,
        name: Option<&Spelled>,
    ) -> tantivy::Result<()> {
        writer.delete_term(self.of_guest(guest_id));
        name.map_or(Ok(()), |name| self.add(writer, guest_id, name))
    }

    /// Adds a profile that is not in it.
    pub fn add(&self, writer: &IndexWriter, guest_id: i64, name: &Spelled) -> tantivy::Result<()> {
        let fields = self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.guest, guest_id.unsigned_abs());
        for word in &name.words {
            document.add_text(fields.word, word);
            for letters in 1..=HEAD {
                if let Some(head) = word.get(..letters) {
                    document.add_text(fields.head, head);
                }
            }
        }
        for glued in &name.glued {
            document.add_text(fields.glued, glued);
        }
        for character in &name.native {
            document.add_text(fields.character, character.to_string());
        }
        writer.add_document(document).map(drop)
    }

    fn of_guest(&self, guest_id: i64) -> Term {
        Term::from_field_u64(self.fields.guest, guest_id.unsigned_abs())
    }

    /// Makes what was written safe and visible, as of a place in the log.
    pub fn commit(&self, writer: &mut IndexWriter, place: &Place) -> tantivy::Result<Snapshot> {
        let label = Label {
            version: VERSION,
            place: place.clone(),
        };
        let label = serde_json::to_string(&label)
            .map_err(|error| TantivyError::InternalError(error.to_string()))?;
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&label);
        commit.commit()?;
        self.snapshot(place)
    }

    /// The last commit.
    pub fn snapshot(&self, place: &Place) -> tantivy::Result<Snapshot> {
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        let columns = searcher.segment_readers().iter().map(|segment| {
            let guests = segment.fast_fields().u64("guest")?;
            Ok((segment.segment_id(), guests))
        });
        let guests: tantivy::Result<HashMap<SegmentId, Column<u64>>> = columns.collect();
        Ok(Snapshot {
            guests: Arc::new(guests?),
            searcher,
            fields: self.fields,
            place: place.clone(),
        })
    }
}

impl Snapshot {
    /// The likeliest profiles whose names fit what was typed.
    ///
    /// First those that fit as typed; where they are fewer than `wanted`, also those with a slip, or written in one word.
    pub fn find(
        &self,
        typed: &Typed,
        likely: &Arc<Likely>,
        wanted: usize,
    ) -> tantivy::Result<Vec<i64>> {
        let mut found = match self.as_typed(typed) {
            Some(query) => self.top(&*query, likely)?,
            None => Vec::new(),
        };
        if found.len() < wanted
            && let Some(query) = self.nearly(typed)
        {
            found.extend(self.top(&*query, likely)?);
        }
        Ok(found)
    }

    fn top(&self, query: &dyn Query, likely: &Arc<Likely>) -> tantivy::Result<Vec<i64>> {
        let (likely, guests) = (Arc::clone(likely), Arc::clone(&self.guests));
        let collector = TopDocs::with_limit(MOST).tweak_score(move |segment: &SegmentReader| {
            let guests = guests.get(&segment.segment_id()).cloned();
            let likely = Arc::clone(&likely);
            move |doc: DocId, score: Score| {
                let guest = guests.as_ref().and_then(|guests| guests.first(doc));
                score + guest.map_or(0.0, |guest| likely.of(guest))
            }
        });
        let found = self.searcher.search(query, &collector)?;
        let guest = |address: DocAddress| {
            let segment = self.searcher.segment_reader(address.segment_ord);
            let guests = self.guests.get(&segment.segment_id())?;
            i64::try_from(guests.first(address.doc_id)?).ok()
        };
        Ok(found
            .into_iter()
            .filter_map(|(_, address)| guest(address))
            .collect())
    }

    /// Every word in full or begun; or every character.
    fn as_typed(&self, typed: &Typed) -> Option<Box<dyn Query>> {
        if !typed.native.is_empty() {
            return Some(self.characters(&typed.native, typed.native.len()));
        }
        let words = match typed.words.as_slice() {
            [] => return None,
            // A letter begins half of all names: first whoever is called just that.
            [letter] if letter.len() == 1 => self.whole(letter),
            words => all(words.iter().map(|word| self.straight(word))),
        };
        match typed.glued() {
            Some(glued) if typed.words.len() == 1 => {
                Some(any([words, self.begun(self.fields.glued, &glued)]))
            }
            _ => Some(words),
        }
    }

    /// One word with a slip; two words as one, one as two; said alike; one character another.
    fn nearly(&self, typed: &Typed) -> Option<Box<dyn Query>> {
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        if let [letter] = typed.words.as_slice()
            && letter.len() == 1
        {
            ways.push(self.straight(letter));
        }
        for at in 0..typed.words.len() {
            let words = typed.words.iter().enumerate().map(|(index, word)| {
                if index == at {
                    self.slipped(word)
                } else {
                    Some(self.straight(word))
                }
            });
            let words: Option<Vec<_>> = words.collect();
            ways.extend(words.map(all));
        }
        if typed.words.len() > 1 {
            for way in typed.ways().iter().skip(1) {
                ways.push(all(way.iter().map(|word| self.straight(word))));
            }
            let glued = typed.glued();
            ways.extend(glued.map(|glued| self.begun(self.fields.glued, &glued)));
        }
        if !typed.native.is_empty() {
            let said = all(typed.words.iter().map(|word| self.straight(word)));
            ways.push(Box::new(ConstScoreQuery::new(said, SLIPPED)));
        }
        if typed.native.len() >= 3 {
            ways.push(self.characters(&typed.native, typed.native.len() - 1));
        }
        (!ways.is_empty()).then(|| any(ways))
    }

    fn whole(&self, word: &str) -> Box<dyn Query> {
        self.term(self.fields.word, word, WHOLE)
    }

    fn term(&self, field: Field, text: &str, score: Score) -> Box<dyn Query> {
        let term = Term::from_field_text(field, text);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(query), score))
    }

    fn begun(&self, field: Field, text: &str) -> Box<dyn Query> {
        let term = Term::from_field_text(field, text);
        let query = FuzzyTermQuery::new_prefix(term, 0, true);
        Box::new(ConstScoreQuery::new(Box::new(query), BEGUN))
    }

    fn straight(&self, word: &str) -> Box<dyn Query> {
        let begun = if word.len() <= HEAD {
            self.term(self.fields.head, word, BEGUN)
        } else {
            self.begun(self.fields.word, word)
        };
        better(begun, self.term(self.fields.word, word, WHOLE - BEGUN))
    }

    fn slipped(&self, word: &str) -> Option<Box<dyn Query>> {
        if word.len() < 3 || word.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let term = Term::from_field_text(self.fields.word, word);
        let whole = FuzzyTermQuery::new(term.clone(), 1, true);
        if word.len() < 4 {
            return Some(Box::new(ConstScoreQuery::new(Box::new(whole), SLIPPED)));
        }
        let more = SLIPPED - BEGUN_SLIPPED;
        let whole = Box::new(ConstScoreQuery::new(Box::new(whole), more));
        let begun = FuzzyTermQuery::new_prefix(term, 1, true);
        let begun = Box::new(ConstScoreQuery::new(Box::new(begun), BEGUN_SLIPPED));
        Some(better(begun, whole))
    }

    fn characters(&self, characters: &[char], least: usize) -> Box<dyn Query> {
        let mut terms: Vec<Box<dyn Query>> = Vec::new();
        for (at, character) in characters.iter().enumerate() {
            if !characters.iter().take(at).any(|before| before == character) {
                terms.push(self.term(self.fields.character, &character.to_string(), WHOLE));
            }
        }
        let least = least.min(terms.len());
        if least == terms.len() {
            return all(terms);
        }
        Box::new(BooleanQuery::union_with_minimum_required_clauses(
            terms, least,
        ))
    }
}

fn all(queries: impl IntoIterator<Item = Box<dyn Query>>) -> Box<dyn Query> {
    let mut queries: Vec<_> = queries.into_iter().collect();
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::intersection(queries)),
    }
}

/// What fits the one, and is worth more where it also fits the other: a word in full is begun as well.
///
/// In an intersection that is faster than one or the other, which would have to be read from the start.
fn better(one: Box<dyn Query>, other: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, one),
        (Occur::Should, other),
    ]))
}

fn any(queries: impl IntoIterator<Item = Box<dyn Query>>) -> Box<dyn Query> {
    let mut queries: Vec<_> = queries.into_iter().collect();
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(DisjunctionMaxQuery::new(queries)),
    }
}
