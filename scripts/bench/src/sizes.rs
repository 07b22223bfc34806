//! Sizes: what was written, for the corpus to be described by.

/// Width of a bin of record lengths.
const BIN: usize = 16;

/// Counts of what was written.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    files: u64,
    records: u64,
    lines: u64,
    record_bytes: usize,
    plain: usize,
    packed: usize,
    largest: usize,
    /// The sum of the files' CRC-32: whether two corpora are the same.
    checksum: u64,
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

    /// Counts a line of Okta or Vault.
    pub fn line(&mut self) {
        self.lines += 1;
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
        self.lines += other.lines;
        self.record_bytes += other.record_bytes;
        self.plain += other.plain;
        self.packed += other.packed;
        self.largest = self.largest.max(other.largest);
        self.checksum += other.checksum;
        self.lengths
            .resize(self.lengths.len().max(other.lengths.len()), 0);
        for (sum, more) in self.lengths.iter_mut().zip(&other.lengths) {
            *sum += more;
        }
    }

    /// Takes the written bytes of a file into the checksum.
    pub fn check(&mut self, written: &[u8]) {
        let mut crc = libdeflater::Crc::new();
        crc.update(written);
        self.checksum += u64::from(crc.sum());
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
        let mean = self.record_bytes / (self.records.max(1) as usize);
        let fields = [
            ("files", self.files as usize),
            ("decoded_bytes", self.plain),
            ("written_bytes", self.packed),
            ("largest_file", self.largest),
            ("cloudtrail_records", self.records as usize),
            ("cloudtrail_bytes", self.record_bytes),
            ("okta_and_vault_lines", self.lines as usize),
            ("mean", mean),
            ("p10", self.percentile(10)),
            ("p50", self.percentile(50)),
            ("p90", self.percentile(90)),
            ("p99", self.percentile(99)),
            ("checksum", self.checksum as usize),
            ("identities", identities),
            ("event_names", names),
        ];
        let fields = fields.map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", fields.join(","))
    }
}
