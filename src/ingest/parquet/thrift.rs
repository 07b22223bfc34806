//! Thrift's compact protocol, as far as it takes to distrust a footer and to
//! read the header of a page.

/// Types of fields and elements.
pub(super) const I32: u8 = 5;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// Structures inside structures that are read past. A footer has six levels.
const MAX_DEPTH: u8 = 16;

/// What is left to read. Every method gives `None` where the bytes end or are
/// no thrift.
#[derive(Clone, Debug)]
pub(super) struct Thrift<'b> {
    rest: &'b [u8],
}

impl<'b> Thrift<'b> {
    /// Reads `bytes` from their beginning.
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(super) fn n_left(&self) -> usize {
        self.rest.len()
    }

    /// Reads the fields of a structure: `take` is given number and type of
    /// each and reads its value, or says no to leave it to be read past.
    ///
    /// The numbers must increase, as they do in what every writer writes:
    /// a field that occurred twice would mean one thing to us and another to
    /// the next reader.
    pub(super) fn fields(
        &mut self,
        mut take: impl FnMut(&mut Self, i16, u8) -> Option<bool>,
    ) -> Option<()> {
        let mut number = 0_i16;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Some(());
            }
            let step = i16::from(head >> 4);
            let next = if step == 0 {
                i16::try_from(self.int()?).ok()?
            } else {
                number.checked_add(step)?
            };
            if next <= number {
                return None;
            }
            number = next;
            if !take(self, number, kind)? {
                self.skip(kind, MAX_DEPTH)?;
            }
        }
    }

    /// Type and number of the elements of a list. Each takes a byte at least.
    pub(super) fn list(&mut self) -> Option<(u8, usize)> {
        let head = self.byte()?;
        let n = match head >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            n => usize::from(n),
        };
        (n <= self.rest.len()).then_some((head & 0x0f, n))
    }

    /// A whole number of a field of that `kind`.
    pub(super) fn number(&mut self, kind: u8) -> Option<i32> {
        if kind != I32 {
            return None;
        }
        i32::try_from(self.int()?).ok()
    }

    /// Whether a boolean field of that `kind` is true.
    pub(super) fn boolean(kind: u8) -> Option<bool> {
        match kind {
            TRUE => Some(true),
            FALSE => Some(false),
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn bytes(&mut self, n: usize) -> Option<()> {
        self.rest = self.rest.get(n..)?;
        Some(())
    }

    fn int(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        let magnitude = i64::try_from(zigzag >> 1).ok()?;
        Some(if zigzag & 1 == 0 {
            magnitude
        } else {
            -magnitude - 1
        })
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.bytes(1),
            I16 | I32 | I64 => self.varint().map(|_| ()),
            DOUBLE => self.bytes(8),
            UUID => self.bytes(16),
            BINARY => {
                let n = usize::try_from(self.varint()?).ok()?;
                self.bytes(n)
            }
            LIST | SET => {
                let (kind, n) = self.list()?;
                (0..n).try_for_each(|_| self.skip_element(kind, depth))
            }
            MAP => self.skip_map(depth),
            STRUCT => self.skip_fields(depth),
            _ => None,
        }
    }

    /// In a list, a boolean is a byte of its own.
    fn skip_element(&mut self, kind: u8, depth: u8) -> Option<()> {
        match kind {
            TRUE | FALSE => self.bytes(1),
            kind => self.skip(kind, depth),
        }
    }

    fn skip_map(&mut self, depth: u8) -> Option<()> {
        let n = usize::try_from(self.varint()?).ok()?;
        if n == 0 {
            return Some(());
        }
        if n > self.rest.len() {
            return None;
        }
        let kinds = self.byte()?;
        (0..n).try_for_each(|_| {
            self.skip_element(kinds >> 4, depth)?;
            self.skip_element(kinds & 0x0f, depth)
        })
    }

    fn skip_fields(&mut self, depth: u8) -> Option<()> {
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                return Some(());
            }
            if head >> 4 == 0 {
                self.varint()?;
            }
            self.skip(head & 0x0f, depth)?;
        }
    }
}
