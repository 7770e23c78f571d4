//! Gzip as gzip itself reads it: all members of a file, and zero bytes behind them.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;

/// All members of a gzip file, one after the other. Zero bytes behind the last one are ignored as gzip does: tapes and
/// some storage fill up blocks with them. Anything else there is damage.
pub(super) struct Gunzip<R> {
    /// The member being read; nothing at the end.
    pub(super) member: Option<GzDecoder<R>>,
    pub(super) padding: Arc<AtomicU64>,
}

impl<R: io::BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut packed) = self.member.take().map(GzDecoder::into_inner) else { break };
            let zeros = skip_zeros(&mut packed)?;
            if packed.fill_buf()?.is_empty() {
                self.padding.store(zeros, Ordering::Relaxed);
            } else if zeros > 0 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "other bytes follow the zero bytes behind its data",
                ));
            } else {
                self.member = Some(GzDecoder::new(packed));
            }
        }
        Ok(0)
    }
}

fn skip_zeros(reader: &mut impl io::BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let bytes = reader.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let is_over = zeros == 0 || zeros < bytes.len();
        reader.consume(zeros);
        skipped += zeros as u64;
        if is_over {
            return Ok(skipped);
        }
    }
}
