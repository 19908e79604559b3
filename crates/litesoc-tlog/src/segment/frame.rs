//! One record as bytes: length, checksum, kind, request id, body.
//!
//! ```text
//! u32 length of the rest | u32 CRC-32C of the rest | u8 kind, top bit: last of its batch | u8 n | n bytes request id | body
//! ```
//! Integers are little-endian. The body of a record is its canonical envelope; that of a tombstone is what stays of an
//! erased one.

use litesoc_ledger::Hash;
use litesoc_ledger::time::Moment;

use crate::record::{Body, RequestId, Tombstone};

/// Bytes before the checked part.
pub(crate) const HEAD: usize = 8;
/// The longest body: a bulk of whole mebibyte records is still possible, a length made of noise is not.
pub(crate) const LONGEST_BODY: usize = 4 << 20;
const LAST_OF_BATCH: u8 = 0x80;
const RECORD: u8 = 1;
const TOMBSTONE: u8 = 2;
/// Hash, two times.
const TOMBSTONE_BYTES: usize = 32 + 8 + 8;

/// A frame as it was read, borrowed from the bytes of its segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) request: &'a [u8],
    pub(crate) last_of_batch: bool,
    pub(crate) content: Content<'a>,
    /// The whole length, head included.
    pub(crate) length: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    Envelope(&'a [u8]),
    Tombstone(Tombstone),
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They end too early: a write that was cut off.
    Short,
    /// They are something else.
    Bad(&'static str),
}

impl Fault {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Short => "the record ends too early",
            Self::Bad(words) => words,
        }
    }
}

/// Begins a frame; [`finish`] completes it once the body is there.
pub(crate) fn begin(request: RequestId, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    out.push(RECORD);
    let request = request.as_bytes();
    out.push(u8::try_from(request.len()).expect("a request id has at most 64 bytes"));
    out.extend_from_slice(request);
    start
}

/// Completes the frame that begins at `start` and ends where `out` ends.
pub(crate) fn finish(start: usize, last_of_batch: bool, out: &mut [u8]) {
    if last_of_batch {
        out[start + HEAD] |= LAST_OF_BATCH;
    }
    let length = u32::try_from(out.len() - start - HEAD).expect("bodies are bounded");
    let sum = crc32c::crc32c(&out[start + HEAD..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + HEAD].copy_from_slice(&sum.to_le_bytes());
}

/// A whole tombstone in the place of a record.
pub(crate) fn tombstone(request: &[u8], last_of_batch: bool, stone: &Tombstone, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    out.push(TOMBSTONE);
    out.push(u8::try_from(request.len()).unwrap_or(0));
    out.extend_from_slice(request);
    out.extend_from_slice(stone.leaf_hash.as_bytes());
    out.extend_from_slice(&stone.received_at.as_micros().to_le_bytes());
    out.extend_from_slice(&stone.erased_at.as_micros().to_le_bytes());
    finish(start, last_of_batch, out);
}

/// The frame that these bytes begin with.
pub(crate) fn read(bytes: &[u8]) -> Result<Frame<'_>, Fault> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(Fault::Short)?;
    let [a, b, c, d, sum @ ..] = *head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if !(2..=LONGEST_BODY + 512).contains(&length) {
        return Err(Fault::Bad("its length is impossible"));
    }
    let checked = rest.get(..length).ok_or(Fault::Short)?;
    if crc32c::crc32c(checked) != u32::from_le_bytes(sum) {
        return Err(Fault::Bad("its checksum does not match"));
    }
    let (kind, request_length, rest) = match checked {
        [kind, length, rest @ ..] => (*kind, usize::from(*length), rest),
        _ => return Err(Fault::Bad("its length is impossible")),
    };
    let (request, body) =
        rest.split_at_checked(request_length).ok_or(Fault::Bad("its request id is cut off"))?;
    let content = match kind & !LAST_OF_BATCH {
        RECORD => Content::Envelope(body),
        TOMBSTONE => Content::Tombstone(read_tombstone(body).ok_or(Fault::Bad("it is a broken tombstone"))?),
        _ => return Err(Fault::Bad("its kind is unknown; a newer program may have written it")),
    };
    Ok(Frame { request, last_of_batch: kind & LAST_OF_BATCH != 0, content, length: HEAD + length })
}

fn read_tombstone(body: &[u8]) -> Option<Tombstone> {
    let body: &[u8; TOMBSTONE_BYTES] = body.try_into().ok()?;
    let (hash, times) = body.split_at(32);
    let (received, erased) = times.split_at(8);
    Some(Tombstone {
        leaf_hash: Hash::from_slice(hash)?,
        received_at: Moment::from_micros(i64::from_le_bytes(received.try_into().ok()?))?,
        erased_at: Moment::from_micros(i64::from_le_bytes(erased.try_into().ok()?))?,
    })
}

impl Frame<'_> {
    pub(crate) fn body(&self) -> Body {
        match self.content {
            Content::Envelope(bytes) => Body::Envelope(bytes.to_vec()),
            Content::Tombstone(stone) => Body::Erased(stone),
        }
    }

    /// The leaf hash of the P-tree: that of the envelope, or the one its tombstone keeps.
    pub(crate) fn leaf_hash(&self) -> Hash {
        match self.content {
            Content::Envelope(bytes) => Hash::of(bytes),
            Content::Tombstone(stone) => stone.leaf_hash,
        }
    }
}
