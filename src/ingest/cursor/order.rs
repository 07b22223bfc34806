//! The order in which keys usually come, so that each is recognised by one
//! comparison instead of a search.

/// How much of a key is compared at once.
const HEAD_BYTES: usize = 16;

/// A key that is looked for: the first and the last bytes of `name":`.
#[derive(Debug)]
pub(in crate::ingest) struct Key {
    name: &'static str,
    first: u128,
    /// Which of the first bytes count.
    mask: u128,
    /// Of a key that is longer than the first bytes.
    last: u128,
}

impl Key {
    /// The key spelt `name`, of at most 30 bytes.
    pub(in crate::ingest) const fn new(name: &'static str) -> Self {
        assert!(name.len() + 2 <= 2 * HEAD_BYTES, "a key is too long");
        let bytes = name.as_bytes();
        let begin = (bytes.len() + 2).saturating_sub(HEAD_BYTES);
        let mut first = [0; HEAD_BYTES];
        let mut mask = [0; HEAD_BYTES];
        let mut last = [0; HEAD_BYTES];
        let mut at = 0;
        while at < bytes.len() + 2 {
            let byte = match at.checked_sub(bytes.len()) {
                None => bytes[at],
                Some(0) => b'"',
                Some(_) => b':',
            };
            if at < HEAD_BYTES {
                first[at] = byte;
                mask[at] = 0xff;
            }
            if at >= begin {
                last[at - begin] = byte;
            }
            at += 1;
        }
        Self {
            name,
            first: u128::from_le_bytes(first),
            mask: u128::from_le_bytes(mask),
            last: u128::from_le_bytes(last),
        }
    }

    /// The length of `name":`, if `rest`, which follows a quote, begins with it.
    #[inline]
    pub(super) fn len_at(&self, rest: &[u8]) -> Option<usize> {
        let len = self.name.len() + 2;
        let first = u128::from_le_bytes(*rest.first_chunk()?);
        if first & self.mask != self.first {
            return None;
        }
        if len > HEAD_BYTES {
            let last = u128::from_le_bytes(*rest.get(..len)?.last_chunk()?);
            return (last == self.last).then_some(len);
        }
        Some(len)
    }
}

/// Which of `N` keys came after which the last time.
#[derive(Debug)]
pub(in crate::ingest) struct Order<const N: usize> {
    keys: &'static [Key; N],
    /// By the position of a key, that of its successor; `N` stands for keys
    /// that are not looked for.
    next: [usize; N],
    first: usize,
}

impl<const N: usize> Order<N> {
    /// The order of `keys` themselves.
    pub(in crate::ingest) fn new(keys: &'static [Key; N]) -> Self {
        Self {
            keys,
            next: std::array::from_fn(|at| (at + 1) % N.max(1)),
            first: 0,
        }
    }

    /// The key that is expected after the one at `last`, and its position.
    #[inline]
    pub(super) fn expected(&self, last: Option<usize>) -> Option<(usize, &'static Key)> {
        let at = match last {
            Some(last) => *self.next.get(last)?,
            None => self.first,
        };
        Some((at, self.keys.get(at)?))
    }

    /// The key at a position.
    pub(super) fn name(&self, at: usize) -> &'static str {
        self.keys.get(at).map_or("", |key| key.name)
    }

    /// The position of the key `name`, which is expected after the one at
    /// `last` from now on.
    pub(super) fn find(&mut self, last: Option<usize>, name: &str) -> usize {
        let found = self.keys.iter().position(|key| key.name == name);
        let at = found.unwrap_or(N);
        match last {
            None => self.first = at,
            Some(last) => {
                if let Some(next) = self.next.get_mut(last) {
                    *next = at;
                }
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [Key; 3] = [
        Key::new("id"),
        Key::new("exactly14chars"),
        Key::new("longerThanSixteenBytes"),
    ];

    #[test]
    fn keys_are_recognised_whole() {
        for key in &KEYS {
            let mut text = format!("{}\":1 and so much more", key.name);
            assert_eq!(key.len_at(text.as_bytes()), Some(key.name.len() + 2));
            for at in 0..key.name.len() + 2 {
                let mut other = text.clone().into_bytes();
                if let Some(byte) = other.get_mut(at) {
                    *byte ^= 1;
                }
                assert_eq!(key.len_at(&other), None, "{} at {at}", key.name);
            }
            text.truncate(key.name.len() + 1);
            assert_eq!(key.len_at(text.as_bytes()), None);
        }
    }

    #[test]
    fn the_last_order_is_expected_again() {
        let mut order = Order::new(&KEYS);
        let expected = |order: &Order<3>, last| order.expected(last).map(|(at, _)| at);
        assert_eq!(expected(&order, None), Some(0));
        assert_eq!(expected(&order, Some(1)), Some(2));
        assert_eq!(order.find(Some(1), "id"), 0);
        assert_eq!(order.find(None, "other"), 3);
        assert_eq!(expected(&order, Some(1)), Some(0));
        assert_eq!(expected(&order, None), None);
        assert_eq!(expected(&order, Some(3)), None);
    }
}
