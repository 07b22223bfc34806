//! The order in which keys usually come, so that each is recognised by one
//! comparison instead of a search.

/// The bytes that are compared at once.
const WORD_BYTES: usize = 8;

/// How many words a key may have.
const N_WORDS: usize = 4;

/// A key that is looked for: the bytes of `name":`.
#[derive(Debug)]
pub(in crate::ingest) struct Key {
    name: &'static str,
    /// Them by words, zeros behind.
    words: [u64; N_WORDS],
    /// Which bytes count.
    masks: [u64; N_WORDS],
}

impl Key {
    /// The key spelt `name`, of at most 30 bytes.
    pub(in crate::ingest) const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(bytes.len() + 2 <= N_WORDS * WORD_BYTES, "a key is too long");
        let mut words = [0; N_WORDS];
        let mut masks = [0; N_WORDS];
        let mut at = 0;
        while at < bytes.len() + 2 {
            let byte = match at.checked_sub(bytes.len()) {
                None => bytes[at],
                Some(0) => b'"',
                Some(_) => b':',
            };
            let shift = at % WORD_BYTES * 8;
            words[at / WORD_BYTES] |= (byte as u64) << shift;
            masks[at / WORD_BYTES] |= 0xff << shift;
            at += 1;
        }
        Self { name, words, masks }
    }

    /// The length of `name":`, if `rest`, which follows a quote, begins with it
    /// and does not end soon after.
    #[inline]
    pub(super) fn len_at(&self, rest: &[u8]) -> Option<usize> {
        let head: &[u8; N_WORDS * WORD_BYTES] = rest.first_chunk()?;
        let (words, _) = head.as_chunks();
        let keys = self.words.iter().zip(&self.masks);
        let other = words
            .iter()
            .zip(keys)
            .fold(0, |other, (word, (key, mask))| {
                other | (u64::from_le_bytes(*word) & mask ^ key)
            });
        (other == 0).then_some(self.name.len() + 2)
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
        let at = self.expected_at(last);
        Some((at, self.keys.get(at)?))
    }

    /// The position of the key that is expected after the one at `last`.
    #[inline]
    pub(in crate::ingest) fn expected_at(&self, last: Option<usize>) -> usize {
        match last {
            Some(last) => self.next.get(last).copied().unwrap_or(N),
            None => self.first,
        }
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
            let text = format!("{}\":1 and so much more that it is enough", key.name);
            let len = key.name.len() + 2;
            assert_eq!(key.len_at(text.as_bytes()), Some(len));
            for at in 0..len {
                let mut other = text.clone().into_bytes();
                if let Some(byte) = other.get_mut(at) {
                    *byte ^= 1;
                }
                assert_eq!(key.len_at(&other), None, "{} at {at}", key.name);
            }
            assert_eq!(key.len_at(&text.as_bytes()[..len - 1]), None);
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
