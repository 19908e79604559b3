//! The one file that the files of a bundle travel in: a tar archive, compressed with Zstandard (RFC 8878).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};

use litesoc_ledger::bundle::Bundle;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress};

/// One file of an archive that is being written.
pub(super) struct Part {
    name: &'static str,
    length: u64,
    content: Box<dyn Read>,
}

impl Part {
    pub(super) fn bytes(name: &'static str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self { name, length: content.len() as u64, content: Box::new(Cursor::new(content)) }
    }

    pub(super) fn file(name: &'static str, file: File) -> io::Result<Self> {
        Ok(Self { name, length: file.metadata()?.len(), content: Box::new(BufReader::new(file)) })
    }
}

/// Writes the archive: the same parts give the same bytes, as it has neither times nor owners.
pub(super) fn pack(parts: Vec<Part>, out: &mut dyn Write) -> io::Result<()> {
    let mut archive: Box<dyn Read> = Box::new(io::empty());
    for part in parts {
        let mut header = tar::Header::new_ustar();
        header.set_path(part.name)?;
        header.set_size(part.length);
        header.set_mode(0o644);
        header.set_cksum();
        let padding = part.length.next_multiple_of(BLOCK) - part.length;
        let head = Cursor::new(header.as_bytes().to_vec());
        archive = Box::new(archive.chain(head).chain(part.content).chain(io::repeat(0).take(padding)));
    }
    // POSIX.1-2001, pax: two blocks of zeroes end an archive.
    let archive = archive.chain(io::repeat(0).take(2 * BLOCK));
    // The compressor panics on a failing reader or writer, so it gets one that never fails and is asked afterwards.
    let (mut source, mut drain) = (Held::new(archive), Held::new(out));
    compress(&mut source, &mut drain, CompressionLevel::Fastest);
    match source.failed.or(drain.failed) {
        Some(error) => Err(error),
        None => drain.inner.flush(),
    }
}

const BLOCK: u64 = 512;

/// A reader or writer that keeps its first failure to itself: it ends there, or swallows what follows.
struct Held<T> {
    inner: T,
    failed: Option<io::Error>,
}

impl<T> Held<T> {
    const fn new(inner: T) -> Self {
        Self { inner, failed: None }
    }
}

impl<T: Read> Read for Held<T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        Ok(self.inner.read(out).unwrap_or_else(|error| {
            self.failed = Some(error);
            0
        }))
    }
}

impl<T: Write> Write for Held<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            self.failed = self.inner.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The files of a bundle in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unpacked {
    /// `bundle.json`.
    pub manifest: Vec<u8>,
    /// `checkpoint`.
    pub checkpoint: Vec<u8>,
    /// `entries.bin`.
    pub entries: Vec<u8>,
    /// `envelopes.jsonl`.
    pub envelopes: Vec<u8>,
    /// `pangea.json`, which may be missing.
    pub pangea: Option<Vec<u8>>,
}

impl Unpacked {
    /// Reads an archive whose files have at most `limit` bytes together.
    ///
    /// # Errors
    ///
    /// [`InvalidArchive`]: nothing is concluded from a part of a bundle.
    pub fn read(input: impl Read, limit: u64) -> Result<Self, InvalidArchive> {
        // A few bytes can stand for terabytes; whatever is beyond the limit is not unpacked.
        let mut content = Frames::new(BufReader::new(input)).take(limit.saturating_add(BLOCK * 16));
        let mut files = [const { None }; 5];
        let mut archive = tar::Archive::new(&mut content);
        let mut total = 0_u64;
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_dir() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = path.trim_start_matches("./");
            let Some(place) = NAMES.iter().position(|known| *known == name) else {
                return Err(InvalidArchive::Stranger { name: path });
            };
            total = total.saturating_add(entry.size());
            if total > limit {
                return Err(InvalidArchive::TooLong { limit });
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            if bytes.len() as u64 != entry.size() {
                return Err(InvalidArchive::Io(io::ErrorKind::UnexpectedEof.into()));
            }
            if files[place].replace(bytes).is_some() {
                return Err(InvalidArchive::Twice { name: NAMES[place] });
            }
        }
        let [manifest, checkpoint, entries, envelopes, pangea] = files;
        let need =
            |place: usize, file: Option<Vec<u8>>| file.ok_or(InvalidArchive::Missing { name: NAMES[place] });
        Ok(Self {
            manifest: need(0, manifest)?,
            checkpoint: need(1, checkpoint)?,
            entries: need(2, entries)?,
            envelopes: need(3, envelopes)?,
            pangea,
        })
    }

    /// Writes the files as an archive again.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let files = [&self.manifest, &self.checkpoint, &self.entries, &self.envelopes];
        let files = NAMES.iter().zip(files.into_iter().chain(&self.pangea));
        pack(files.map(|(name, content)| Part::bytes(name, content.clone())).collect(), out)
    }

    /// The files as the verifier takes them.
    #[must_use]
    pub fn bundle(&self) -> Bundle<'_> {
        let bundle = Bundle::new(&self.manifest, &self.checkpoint, &self.entries, &self.envelopes);
        match &self.pangea {
            Some(pangea) => bundle.with_pangea(pangea),
            None => bundle,
        }
    }
}

const NAMES: [&str; 5] = ["bundle.json", "checkpoint", "entries.bin", "envelopes.jsonl", "pangea.json"];

/// A file that is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArchive {
    /// It is no tar archive compressed with Zstandard, or it is torn.
    #[error("it is no tar archive compressed with Zstandard, or it is damaged: {0}")]
    Io(#[from] io::Error),
    /// A file that every bundle has is not there.
    #[error("{name} is missing")]
    Missing {
        /// The file.
        name: &'static str,
    },
    /// A file is there twice.
    #[error("{name} is there twice")]
    Twice {
        /// The file.
        name: &'static str,
    },
    /// A file that no bundle has.
    #[error("it holds {name:?}, which no bundle of this version has")]
    Stranger {
        /// The file.
        name: String,
    },
    /// It would take too much memory.
    #[error("it unpacks to more than {limit} bytes; export the log in ranges with --from and --to")]
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
}

/// The content of a Zstandard stream: its frames, one after the other, as other tools may have written several.
struct Frames<R: BufRead> {
    state: State<R>,
}

enum State<R: BufRead> {
    Between(R),
    Inside(Box<StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>),
    Ended,
}

impl<R: BufRead> Frames<R> {
    const fn new(input: R) -> Self {
        Self { state: State::Between(input) }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Between(mut input) => {
                    if input.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let decoder = StreamingDecoder::new(input).map_err(io::Error::other)?;
                    self.state = State::Inside(Box::new(decoder));
                }
                State::Inside(mut decoder) => {
                    let read = decoder.read(out)?;
                    self.state = if read > 0 || out.is_empty() {
                        State::Inside(decoder)
                    } else {
                        State::Between(decoder.into_inner())
                    };
                    if read > 0 || out.is_empty() {
                        return Ok(read);
                    }
                }
            }
        }
    }
}
