//! Bytes of a spreadsheet to UTF-8, as a stream: gzip, byte order marks, UTF-16, Windows-1252, GB18030.

use std::io::{self, BufReader, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

/// What is looked at before an encoding is chosen.
const SAMPLE: usize = 64 * 1024;

/// The file unpacked, where it is gzipped.
pub(super) fn unpacked<'a>(input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut input = BufReader::with_capacity(SAMPLE, input);
    let start = filled(&mut input, 2)?;
    let is_gzip = start == [0x1f, 0x8b];
    let whole = io::Cursor::new(start).chain(input);
    Ok(if is_gzip {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    })
}

/// A stream of UTF-8 over a stream in any encoding.
///
/// The encoding is decided where the first byte beyond ASCII turns up, so that a name on line 50,000 is read right.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Option<Decoder>,
    out: Vec<u8>,
    given: usize,
    is_done: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            decoder: None,
            out: Vec::new(),
            given: 0,
            is_done: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let chunk = filled(&mut self.input, SAMPLE)?;
        self.is_done = chunk.len() < SAMPLE;
        self.out.clear();
        self.given = 0;
        if self.decoder.is_none() {
            if chunk.is_ascii() && !chunk.contains(&0) {
                self.out = chunk;
                return Ok(());
            }
            self.decoder = Some(encoding_of(&chunk).new_decoder_with_bom_removal());
        }
        let Some(decoder) = &mut self.decoder else {
            return Ok(());
        };
        let room = decoder
            .max_utf8_buffer_length(chunk.len())
            .unwrap_or(SAMPLE * 4);
        self.out.resize(room, 0);
        let (result, _, written, _) = decoder.decode_to_utf8(&chunk, &mut self.out, self.is_done);
        self.out.truncate(written);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            if self.is_done {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.out.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

fn encoding_of(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    if let Some(encoding) = utf_16_without_mark(sample) {
        return encoding;
    }
    // A character cut off at the end of the sample is no fault.
    let is_utf_8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    if is_utf_8 {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == GBK { GB18030 } else { guess }
}

/// Latin text in UTF-16 has a zero in every other byte.
fn utf_16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |start: usize| {
        sample
            .iter()
            .skip(start)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() / 5;
    if odd > many && even == 0 {
        Some(UTF_16LE)
    } else if even > many && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Reads until `most` bytes are there or the input ends.
fn filled(input: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most);
    input.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use encoding_rs::WINDOWS_1252;

    use super::*;

    const TEXT: &str =
        "property,name\nALG,Pensão São Brás, où l'été est agréable\nLIS,Château de la Forêt\n";
    const CHINESE: &str =
        "guest_id,native_name,city\nG1,欧阳娜娜,上海\nG2,王小明,北京\nG3,司马相如,成都\n";

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Decoded::new(unpacked(bytes).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn every_encoding_a_spreadsheet_saves_is_read() {
        assert_eq!(read(TEXT.as_bytes()), TEXT);
        assert_eq!(read(format!("\u{feff}{TEXT}").as_bytes()), TEXT);
        assert_eq!(
            read(&utf_16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes)),
            TEXT
        );
        assert_eq!(
            read(&utf_16(&format!("\u{feff}{TEXT}"), u16::to_be_bytes)),
            TEXT
        );
        assert_eq!(read(&utf_16(TEXT, u16::to_le_bytes)), TEXT);
        assert_eq!(read(&WINDOWS_1252.encode(TEXT).0), TEXT);
        assert_eq!(read(&GB18030.encode(CHINESE).0), CHINESE);
    }

    #[test]
    fn a_gzipped_file_is_unpacked() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(TEXT.as_bytes()).unwrap();
        assert_eq!(read(&gzip.finish().unwrap()), TEXT);
    }

    #[test]
    fn a_first_accent_far_into_the_file_is_read_right() {
        let ascii = "a,b\n".repeat(SAMPLE);
        let text = format!("{ascii}{TEXT}");
        assert_eq!(read(&WINDOWS_1252.encode(&text).0), text);
        assert_eq!(read(text.as_bytes()), text);
    }
}
