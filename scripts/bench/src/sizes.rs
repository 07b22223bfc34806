//! Sizes: what was written, for the corpus to be described by.

/// Width of a bin of record lengths.
const BIN: usize = 16;

/// Counts of what was written.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    files: u64,
    records: u64,
    record_bytes: usize,
    plain: usize,
    packed: usize,
    largest: usize,
    /// CloudTrail records by length, in bins.
    lengths: Vec<u64>,
}

impl Sizes {
    /// Counts a CloudTrail record.
    pub fn record(&mut self, length: usize) {
        self.records += 1;
        self.record_bytes += length;
        let bin = length / BIN;
        if self.lengths.len() <= bin {
            self.lengths.resize(bin + 1, 0);
        }
        self.lengths[bin] += 1;
    }

    /// Counts a file by its decoded and its written length.
    pub fn file(&mut self, plain: usize, packed: usize) {
        self.files += 1;
        self.plain += plain;
        self.packed += packed;
        self.largest = self.largest.max(plain);
    }

    /// Adds what another thread wrote.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.records += other.records;
        self.record_bytes += other.record_bytes;
        self.plain += other.plain;
        self.packed += other.packed;
        self.largest = self.largest.max(other.largest);
        self.lengths
            .resize(self.lengths.len().max(other.lengths.len()), 0);
        for (sum, more) in self.lengths.iter_mut().zip(&other.lengths) {
            *sum += more;
        }
    }

    /// Bytes of all CloudTrail records.
    pub fn bytes(&self) -> usize {
        self.record_bytes
    }

    fn percentile(&self, percent: u64) -> usize {
        let mut left = self.records * percent / 100;
        for (bin, &count) in self.lengths.iter().enumerate() {
            if count > left {
                return bin * BIN;
            }
            left -= count;
        }
        self.lengths.len() * BIN
    }

    /// One line of JSON.
    pub fn tell(&self, identities: usize, names: usize) -> String {
        format!(
            "{{\"files\":{},\"decoded_bytes\":{},\"written_bytes\":{},\"largest_file\":{},\"cloudtrail_records\":{},\"cloudtrail_bytes\":{},\"mean\":{},\"p10\":{},\"p50\":{},\"p90\":{},\"p99\":{},\"identities\":{identities},\"event_names\":{names}}}",
            self.files,
            self.plain,
            self.packed,
            self.largest,
            self.records,
            self.record_bytes,
            self.record_bytes / (self.records.max(1) as usize),
            self.percentile(10),
            self.percentile(50),
            self.percentile(90),
            self.percentile(99),
        )
    }
}
