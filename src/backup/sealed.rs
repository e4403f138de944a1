//! Sealed backups: XChaCha20-Poly1305 in the STREAM construction, under a key that Argon2id derives from a passphrase.
//!
//! The file is read and written piece by piece. A piece changed, moved, taken out, or missing at the end is noticed.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305};

use crate::secret::random;

/// How a sealed backup begins; the number stands for everything below.
pub const MAGIC: &[u8; 19] = b"innkeeper sealed 1\n";
const SALT: usize = 16;
/// XChaCha's 24 bytes but for the counter and the mark of the last piece.
const NONCE: usize = 19;
const HEADER: usize = MAGIC.len() + SALT + NONCE;
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// KiB and passes of Argon2id: some tenths of a second.
const COST: (u32, u32) = (64 * 1024, 3);

fn cipher(passphrase: &str, salt: &[u8]) -> io::Result<XChaCha20Poly1305> {
    let (memory, passes) = COST;
    let params = Params::new(memory, passes, 1, Some(32)).map_err(io::Error::other)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(io::Error::other)?;
    Ok(XChaCha20Poly1305::new(&Key::from(key)))
}

/// Seals what is written to it.
pub struct Sealer<W: Write> {
    to: W,
    header: [u8; HEADER],
    stream: EncryptorBE32<XChaCha20Poly1305>,
    piece: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Writes the header.
    pub fn new(mut to: W, passphrase: &str) -> io::Result<Self> {
        let (salt, nonce) = (random::<SALT>(), random::<NONCE>());
        let mut header = [0; HEADER];
        let parts = MAGIC.iter().chain(&salt).chain(&nonce);
        for (place, byte) in header.iter_mut().zip(parts) {
            *place = *byte;
        }
        to.write_all(&header)?;
        Ok(Self {
            to,
            header,
            stream: EncryptorBE32::from_aead(cipher(passphrase, &salt)?, &nonce.into()),
            piece: Vec::with_capacity(PIECE),
        })
    }

    /// Seals the last piece.
    pub fn finish(mut self) -> io::Result<W> {
        let payload = Payload {
            msg: &self.piece,
            aad: &self.header,
        };
        let sealed = self.stream.encrypt_last(payload).map_err(failed)?;
        self.to.write_all(&sealed)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits until more comes: the last one is sealed as the last.
        if self.piece.len() == PIECE {
            let payload = Payload {
                msg: &self.piece,
                aad: &self.header,
            };
            let sealed = self.stream.encrypt_next(payload).map_err(failed)?;
            self.to.write_all(&sealed)?;
            self.piece.clear();
        }
        let (taken, _) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
        self.piece.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Opens what a [`Sealer`] sealed.
pub struct Opener<R: Read> {
    from: R,
    header: [u8; HEADER],
    /// None behind the last piece.
    stream: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// The piece that comes next, sealed.
    ahead: Vec<u8>,
    piece: Vec<u8>,
    at: usize,
}

impl<R: Read> Opener<R> {
    /// Reads the header.
    pub fn new(mut from: R, passphrase: &str) -> io::Result<Self> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header)?;
        let (_, rest) = header.split_at(MAGIC.len());
        let (salt, nonce) = rest.split_at(SALT);
        let nonce: [u8; NONCE] = nonce.try_into().map_err(io::Error::other)?;
        let stream = DecryptorBE32::from_aead(cipher(passphrase, salt)?, &nonce.into());
        let ahead = sealed_piece(&mut from)?;
        Ok(Self {
            from,
            header,
            stream: Some(stream),
            ahead,
            piece: Vec::new(),
            at: 0,
        })
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let Some(mut stream) = self.stream.take() else {
            return Ok(());
        };
        let sealed = std::mem::replace(&mut self.ahead, sealed_piece(&mut self.from)?);
        let payload = Payload {
            msg: &sealed,
            aad: &self.header,
        };
        self.piece = if self.ahead.is_empty() {
            stream.decrypt_last(payload).map_err(failed)?
        } else {
            let piece = stream.decrypt_next(payload).map_err(failed)?;
            self.stream = Some(stream);
            piece
        };
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            self.piece.clear();
            self.at = 0;
            self.next_piece()?;
        }
        let read = self.piece.get(self.at..).unwrap_or_default().read(into)?;
        self.at += read;
        Ok(read)
    }
}

fn sealed_piece(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(PIECE + TAG);
    from.take((PIECE + TAG) as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

fn failed<E>(_: E) -> io::Error {
    let what = "the passphrase is another, or the file was cut off or changed";
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), "a long passphrase").unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn opened(sealed: &[u8], passphrase: &str) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Opener::new(sealed, passphrase)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_is_opened_whatever_its_length() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7] {
            let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = sealed(&plain);
            assert_eq!(opened(&sealed, "a long passphrase").unwrap(), plain);
            assert!(
                !sealed
                    .windows(16)
                    .any(|part| length > 16 && part == &plain[..16])
            );
        }
    }

    #[test]
    fn a_piece_missing_or_changed_and_another_passphrase_are_noticed() {
        let sealed = sealed(&vec![7; 2 * PIECE]);
        assert!(opened(&sealed, "another passphrase").is_err());
        for cut in [
            10,
            HEADER,
            HEADER + 5,
            HEADER + PIECE + TAG,
            sealed.len() - 1,
        ] {
            assert!(
                opened(&sealed[..cut], "a long passphrase").is_err(),
                "{cut}"
            );
        }
        for at in [0, HEADER - 1, HEADER + 3, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, "a long passphrase").is_err(), "{at}");
        }
    }
}
