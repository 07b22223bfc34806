//! UTF-16, as spreadsheets and PowerShell write it.

use std::io::{self, BufRead, Read};

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Delivers UTF-8. Halves of surrogate pairs become U+FFFD.
pub(super) struct Utf16<R> {
    inner: R,
    order: ByteOrder,
    /// A unit that was read ahead.
    unit: Option<u16>,
    /// UTF-8 that did not fit into the caller's buffer, last byte first.
    pending: Vec<u8>,
}

impl<R: BufRead> Utf16<R> {
    /// Transcodes `inner`. Its byte order mark, if any, becomes that of UTF-8.
    pub(super) fn new(inner: R, order: ByteOrder) -> Self {
        Self {
            inner,
            order,
            unit: None,
            pending: Vec::new(),
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.inner.fill_buf()?.first().copied();
        if byte.is_some() {
            self.inner.consume(1);
        }
        Ok(byte)
    }

    /// The next unit. Half a unit at the end is dropped.
    fn next_unit(&mut self) -> io::Result<Option<u16>> {
        if let Some(unit) = self.unit.take() {
            return Ok(Some(unit));
        }
        let (Some(first), Some(second)) = (self.byte()?, self.byte()?) else {
            return Ok(None);
        };
        Ok(Some(match self.order {
            ByteOrder::Little => u16::from_le_bytes([first, second]),
            ByteOrder::Big => u16::from_be_bytes([first, second]),
        }))
    }

    fn next_char(&mut self) -> io::Result<Option<char>> {
        let Some(unit) = self.next_unit()? else {
            return Ok(None);
        };
        if !(0xd800..=0xdbff).contains(&unit) {
            let c = char::from_u32(u32::from(unit));
            return Ok(Some(c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        let low = self.next_unit()?;
        let pair = char::decode_utf16([unit].into_iter().chain(low)).next();
        if let Some(Ok(c)) = pair {
            return Ok(Some(c));
        }
        self.unit = low;
        Ok(Some(char::REPLACEMENT_CHARACTER))
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        while let Some(slot) = out.get_mut(n) {
            if let Some(byte) = self.pending.pop() {
                *slot = byte;
                n += 1;
                continue;
            }
            let Some(c) = self.next_char()? else {
                break;
            };
            let mut utf8 = [0; 4];
            self.pending.extend(c.encode_utf8(&mut utf8).bytes().rev());
        }
        Ok(n)
    }
}
