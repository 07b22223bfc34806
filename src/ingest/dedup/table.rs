//! A set of 64-bit marks in little more than eight bytes each.

/// Bits of a mark below those that tell its place.
const LOW_BITS: u32 = 32;
/// A table is enlarged when it is this full, in sixteenths, ...
const FULL_SIXTEENTHS: u64 = 14;
/// ... and has this many places at least.
const MIN_PLACES: u32 = 16;
/// Places behind the last one, into which the last marks may be pushed.
const SPARE: usize = 16;
/// No mark has this value.
const EMPTY: u64 = 0;

/// A set of marks.
///
/// The place of a mark is proportional to its value, and what collides is kept
/// in order: the table is an ascending list with gaps. So marks that share
/// their upper bits are neighbours, and enlarging it is one pass. Marks must be
/// spread evenly by whoever makes them.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// As many as are homes, and some spare ones behind them.
    places: Box<[u64]>,
    n_homes: u32,
    n_marks: u32,
}

impl Table {
    /// The marks in `from..=to`, ascending.
    pub(super) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = u64> + '_ {
        self.places
            .get(self.home(from)..)
            .unwrap_or_default()
            .iter()
            .copied()
            .take_while(move |mark| *mark != EMPTY && *mark <= to)
            .filter(move |mark| *mark >= from)
    }

    /// Every mark, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let marks = self.places.iter().copied();
        marks.filter(|mark| *mark != EMPTY)
    }

    /// Adds `mark`, which is not zero.
    pub(super) fn insert(&mut self, mark: u64) {
        let is_full = u64::from(self.n_marks) * 16 >= u64::from(self.n_homes) * FULL_SIXTEENTHS;
        if is_full {
            self.enlarge();
        }
        while !self.place(mark) {
            let mut places = std::mem::take(&mut self.places).into_vec();
            places.resize(places.len() + SPARE, EMPTY);
            self.places = places.into();
        }
        self.n_marks = self.n_marks.saturating_add(1);
    }

    /// Places that marks are spread over.
    pub(super) fn n_homes(&self) -> usize {
        usize::try_from(self.n_homes).unwrap_or(usize::MAX)
    }

    fn home(&self, mark: u64) -> usize {
        let scaled = (mark >> LOW_BITS).saturating_mul(self.n_homes.into()) >> LOW_BITS;
        usize::try_from(scaled).unwrap_or(usize::MAX)
    }

    /// Puts `mark` where it belongs, unless there is no room.
    fn place(&mut self, mark: u64) -> bool {
        let home = self.home(mark);
        let cluster = self.places.get_mut(home..).unwrap_or_default();
        let Some(gap) = cluster.iter().position(|own| *own == EMPTY) else {
            return false;
        };
        let run = cluster.get_mut(..=gap).unwrap_or_default();
        let at = run.partition_point(|own| *own != EMPTY && *own < mark);
        run.copy_within(at..gap, at + 1);
        if let Some(place) = run.get_mut(at) {
            *place = mark;
        }
        true
    }

    fn enlarge(&mut self) {
        let n_homes = self.n_homes.saturating_add(self.n_homes / 4);
        self.n_homes = n_homes.max(MIN_PLACES);
        let mut wider = vec![EMPTY; self.n_homes().saturating_add(SPARE)];
        let marks = std::mem::take(&mut self.places);
        let mut next = 0;
        for mark in marks.into_iter().filter(|mark| *mark != EMPTY) {
            next = self.home(mark).max(next);
            match wider.get_mut(next) {
                Some(place) => *place = mark,
                None => wider.push(mark),
            }
            next += 1;
        }
        self.places = wider.into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn holds_exactly(marks: &BTreeSet<u64>, order: &[u64]) {
        let mut table = Table::default();
        for mark in order {
            if table.range(*mark, *mark).next().is_none() {
                table.insert(*mark);
            }
        }
        let held: Vec<u64> = table.iter().collect();
        assert!(held.iter().eq(marks));
        let found: BTreeSet<u64> = order
            .iter()
            .copied()
            .filter(|mark| table.range(*mark, *mark).eq([*mark]))
            .collect();
        assert_eq!(&found, marks);
        assert!(held.is_sorted());
        assert_eq!(table.n_marks as usize, marks.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn behaves_like_a_set(
            marks in prop::collection::vec(prop_oneof![1..40_u64, 1..u64::MAX, u64::MAX - 40..=u64::MAX], 0..400),
        ) {
            holds_exactly(&marks.iter().copied().collect(), &marks);
        }
    }

    #[test]
    fn holds_many_marks_in_little_room() {
        let mut table = Table::default();
        for n in 1..=100_000_u64 {
            table.insert(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        assert!(table.places.len() <= 100_000 * 3 / 2);
        let known = |n: u64| table.range(n, n).next().is_some();
        assert!((1..=100_000_u64).all(|n| known(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
        assert!(!known(12_345));
    }
}
