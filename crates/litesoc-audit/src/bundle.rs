//! Bundles: a range of records as one file that an auditor verifies without a network.

mod archive;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::ops::Range;

use litesoc_ledger::bundle::{Head, Manifest, PangeaRoot, PangeaWriter, tombstone};
use litesoc_ledger::ptree::{self, MembershipProof, TrustedRoot};
use litesoc_ledger::tree::TreeError;
use litesoc_ledger::{Hash, merkle};
use litesoc_tlog::{Body, ReadError, Record};

pub use self::archive::{InvalidArchive, Unpacked};
use self::archive::{Part, pack};
use crate::log::AuditLog;
use crate::publication::{PublishError, Published};

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bundled {
    /// Its records.
    pub range: Range<u64>,
    /// The size of the checkpoint it was made for.
    pub size: u64,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Nothing lies between the bounds, or they go beyond what is published.
    #[error("there are no records {from}..{to} to export: {size} are published")]
    Range {
        /// The first record that was asked for.
        from: u64,
        /// The first one that was not.
        to: u64,
        /// Records below the newest published checkpoint.
        size: u64,
    },
    /// The log could not be read.
    #[error("the log could not be read: {0}")]
    Read(#[from] ReadError),
    /// There is no checkpoint that covers the range.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A file could not be written.
    #[error("the bundle could not be written: {0}")]
    Io(#[from] io::Error),
}

impl From<TreeError<ReadError>> for BundleError {
    fn from(error: TreeError<ReadError>) -> Self {
        match error {
            TreeError::Nodes(error) => Self::Read(error),
            other @ (TreeError::NoSuchLeaf { .. } | TreeError::NoSuchSize { .. } | _) => {
                Self::Publish(PublishError::Made(other.to_string()))
            }
        }
    }
}

impl AuditLog {
    /// Writes the records `from..to` as a bundle; without an end, all there are.
    ///
    /// A checkpoint that covers them is published first if there is none yet. Temporary files hold the records meanwhile,
    /// and memory a bounded part of them. Blocks.
    ///
    /// # Errors
    ///
    /// [`BundleError`]; what was written by then is no bundle.
    pub fn bundle(&self, from: u64, to: Option<u64>, out: &mut dyn Write) -> Result<Bundled, BundleError> {
        let wanted = to.unwrap_or_else(|| self.records().state().size);
        if self.published().is_none_or(|published| published.size < wanted) {
            self.publish()?;
        }
        let published = self.published();
        let size = published.as_ref().map_or(0, |published| published.size);
        // Witnesses that are away keep the newest records from being published; the rest can be exported.
        let to = to.unwrap_or(size);
        let Some(published) = published.filter(|_| from < to && to <= size) else {
            return Err(BundleError::Range { from, to, size });
        };
        let manifest = self.manifest(from..to, &published)?;
        let records = self.write_records(from..to)?;
        let pangea = self.write_pangea(from, &records, &published)?;
        let parts = [
            Part::bytes("bundle.json", manifest.to_json()),
            Part::bytes("checkpoint", published.checkpoint.to_string()),
            Part::file("entries.bin", records.entries)?,
            Part::file("envelopes.jsonl", records.envelopes)?,
            Part::file("pangea.json", pangea)?,
        ];
        pack(parts.into(), out)?;
        Ok(Bundled { range: from..to, size })
    }

    /// A temporary file with a [bundle](Self::bundle), to be read from its beginning. It goes when it is closed.
    ///
    /// # Errors
    ///
    /// As of [`bundle`](Self::bundle).
    pub fn bundle_file(&self, from: u64, to: Option<u64>) -> Result<File, BundleError> {
        let mut file = tempfile::tempfile()?;
        self.bundle(from, to, &mut file)?;
        file.rewind()?;
        Ok(file)
    }

    fn manifest(&self, range: Range<u64>, published: &Published) -> Result<Manifest, BundleError> {
        let (log, size) = (self.records(), published.size);
        let key = self.verifier_keys()[0].clone();
        let manifest = Manifest::build(key, range, size, log.rfc6962(), log.pangea())?;
        let path = merkle::inclusion(log.rfc6962(), size - 1, size)?;
        Ok(manifest.with_head(Head::new(log.entry(size - 1)?, path)))
    }

    fn write_records(&self, range: Range<u64>) -> Result<Records, BundleError> {
        let mut entries = BufWriter::new(tempfile::tempfile()?);
        let mut envelopes = BufWriter::new(tempfile::tempfile()?);
        let mut shown = 0;
        let mut failed = None;
        let write = |record: Record, failed: &mut Option<BundleError>| -> Result<(), BundleError> {
            if failed.is_some() {
                return Ok(());
            }
            entries.write_all(&self.records().entry(record.index)?.to_bytes())?;
            match record.body {
                Body::Envelope(bytes) => {
                    envelopes.write_all(&bytes)?;
                    shown += u64::from(record.index > 0);
                }
                Body::Erased(stone) => {
                    envelopes.write_all(tombstone(record.index, &stone.leaf_hash).as_bytes())?;
                }
            }
            Ok(envelopes.write_all(b"\n")?)
        };
        let mut write = write;
        self.records().records(range.start, range.end, |record| {
            if let Err(error) = write(record, &mut failed) {
                failed.get_or_insert(error);
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(Records { entries: rewound(entries)?, envelopes: rewound(envelopes)?, shown }),
        }
    }

    /// Reads the records back from the file, so that what is erased meanwhile cannot make two files of a bundle differ.
    fn write_pangea(&self, from: u64, records: &Records, published: &Published) -> Result<File, BundleError> {
        let mut file = BufWriter::new(tempfile::tempfile()?);
        let mut writer = PangeaWriter::new(String::new(), "bundle", records.shown);
        let mut lines = BufReader::new(&records.envelopes);
        let (mut line, mut index) = (String::new(), from);
        while lines.read_line(&mut line)? > 0 {
            let envelope = line.trim_end_matches('\n');
            if index > 0 && !envelope.starts_with(r#"{"tombstone":"#) {
                let proof = MembershipProof::build(self.records().pangea(), index, published.size)?;
                writer.event(envelope, &Hash::of(envelope.as_bytes()), index, &proof);
                file.write_all(writer.take().as_bytes())?;
            }
            line.clear();
            index += 1;
        }
        drop(lines);
        (&records.envelopes).rewind()?;
        let root = TrustedRoot::pinned(published.size, published.pangea_root);
        let url = format!("/arweave/{}", ptree::published_root_id(self.tree_name(), published.size));
        let root = PangeaRoot::new(root, self.tree_name(), published.at, url);
        file.write_all(writer.finish(&root).as_bytes())?;
        Ok(rewound(file)?)
    }
}

/// The records of a bundle in files that vanish with it.
struct Records {
    entries: File,
    envelopes: File,
    /// Those that `pangea.json` shows: all but the genesis record and the erased ones.
    shown: u64,
}

fn rewound(file: BufWriter<File>) -> io::Result<File> {
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}
