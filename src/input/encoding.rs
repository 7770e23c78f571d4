//! Text in another encoding than UTF-8, made UTF-8 as it is read.
//!
//! Role: bytes in, bytes out, before anything looks for lines. Line ends stay where they are, so that places in messages
//! are those of the file. What is no proper text ends the reading: a character that stands for "unreadable" would make
//! one name of two.

use std::fmt;
use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How text is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Read as it is.
    #[default]
    Utf8,
    /// Two bytes a character, the lower one first: a spreadsheet's "Unicode text".
    Utf16Le,
    /// Two bytes a character, the higher one first.
    Utf16Be,
    /// Western Europe on Windows: one byte a character.
    Windows1252,
}

impl Encoding {
    /// What a byte-order mark at the start says.
    pub fn marked(start: &[u8]) -> Option<Self> {
        match start {
            [0xef, 0xbb, 0xbf, ..] => Some(Self::Utf8),
            // Four bytes a character, which nobody exports.
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16 (little-endian)",
            Self::Utf16Be => "UTF-16 (big-endian)",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// A reader of UTF-8 over one of this encoding; a byte-order mark is taken away unless the text is UTF-8 as it is.
    pub fn decode(self, inner: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let encoding = match self {
            Self::Utf8 => return inner,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        };
        Box::new(Decoded {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoding: self,
            raw: vec![0; RAW],
            from: 0,
            to: 0,
            before: 0,
            text: Vec::new(),
            given: 0,
            at_end: false,
        })
    }
}

/// Bytes decoded at a time.
const RAW: usize = 64 * 1024;

struct Decoded {
    inner: Box<dyn Read + Send>,
    decoder: encoding_rs::Decoder,
    encoding: Encoding,
    raw: Vec<u8>,
    /// What of `raw` is still to be decoded.
    from: usize,
    to: usize,
    /// Bytes of the file before `raw`.
    before: u64,
    /// What was decoded, and how much of it was handed on: a character may be wider than the room of the caller.
    text: Vec<u8>,
    given: usize,
    at_end: bool,
}

impl Decoded {
    /// Decodes some more; whether there was more.
    fn more(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.from == self.to {
            self.before += self.to as u64;
            self.from = 0;
            self.to = self.inner.read(&mut self.raw)?;
            self.at_end = self.to == 0;
        }
        let raw = &self.raw[self.from..self.to];
        let room = self.decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(4 * RAW);
        self.text.resize(room, 0);
        let (result, used, written) = self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.at_end);
        self.from += used;
        self.text.truncate(written);
        self.given = 0;
        if let DecoderResult::Malformed(..) = result {
            let at = self.before + self.from as u64;
            return Err(io::Error::new(io::ErrorKind::InvalidData, NotText { encoding: self.encoding, at }));
        }
        Ok(true)
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if buffer.is_empty() || !self.more()? {
                return Ok(0);
            }
        }
        let most = buffer.len().min(self.text.len() - self.given);
        buffer[..most].copy_from_slice(&self.text[self.given..self.given + most]);
        self.given += most;
        Ok(most)
    }
}

/// Bytes that are no characters of the encoding.
#[derive(Debug)]
pub struct NotText {
    encoding: Encoding,
    at: u64,
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not proper {} up to byte {}", self.encoding.name(), self.at)
    }
}

impl std::error::Error for NotText {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives as many bytes at a time as it is told.
    struct Drops(Vec<u8>, usize, usize);

    impl Read for Drops {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(self.2).min(self.0.len() - self.1);
            buffer[..most].copy_from_slice(&self.0[self.1..self.1 + most]);
            self.1 += most;
            Ok(most)
        }
    }

    fn read(encoding: Encoding, bytes: Vec<u8>, drop: usize, room: usize) -> io::Result<String> {
        let mut reader = encoding.decode(Box::new(Drops(bytes, 0, drop)));
        let (mut all, mut piece) = (Vec::new(), vec![0; room]);
        loop {
            let got = reader.read(&mut piece)?;
            if got == 0 {
                return Ok(String::from_utf8(all).expect("UTF-8"));
            }
            all.extend_from_slice(&piece[..got]);
        }
    }

    proptest! {
        #[test]
        fn utf_16_comes_back_as_it_was(text in "[a,\n≤é😀]{0,60}", drop in 1_usize..9, room in 1_usize..9) {
            for (encoding, marked) in [(Encoding::Utf16Le, true), (Encoding::Utf16Be, true), (Encoding::Utf16Be, false)] {
                let whole = if marked { format!("\u{feff}{text}") } else { text.clone() };
                let bytes = whole.encode_utf16().flat_map(|unit| match encoding {
                    Encoding::Utf16Be => unit.to_be_bytes(),
                    _ => unit.to_le_bytes(),
                });
                prop_assert_eq!(read(encoding, bytes.collect(), drop, room).expect("text"), text.as_str());
            }
        }
    }

    #[test]
    fn what_is_no_text_is_said() {
        assert_eq!(read(Encoding::Windows1252, b"stra\xdfe \x80".to_vec(), 3, 2).expect("text"), "straße €");
        let half = read(Encoding::Utf16Le, b"a\0b".to_vec(), 3, 2).expect_err("half a character");
        assert_eq!(half.to_string(), "is not proper UTF-16 (little-endian) up to byte 3");
        assert!(read(Encoding::Utf16Le, b"\x00\xd8a\0".to_vec(), 3, 2).is_err(), "half a pair");
    }
}
