//! Erasure: a segment is written again with tombstones in the place of records, then takes the old one's name.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use litesoc_ledger::envelope::EnvelopeView;
use litesoc_ledger::time::Moment;

use crate::error::ReadError;
use crate::log::Shared;
use crate::queue::EraseError;
use crate::record::Tombstone;
use crate::segment::frame::{self, Content};
use crate::segment::{Segment, file};

/// Makes tombstones of records; returns how many were not erased before.
pub(crate) fn erase(shared: &Shared, indexes: &[u64], now: Moment) -> Result<u64, EraseError> {
    let size = shared.state.read().size;
    let mut by_segment: BTreeMap<u64, (Arc<Segment>, Vec<u64>)> = BTreeMap::new();
    for index in indexes.iter().copied() {
        let segment = shared.segments.holding(index).filter(|_| index < size);
        let segment = segment.ok_or(ReadError::NoSuchRecord { index, size })?;
        by_segment.entry(segment.first).or_insert_with(|| (segment, Vec::new())).1.push(index);
    }
    let mut erased = 0;
    for (segment, mut indexes) in by_segment.into_values() {
        indexes.sort_unstable();
        erased += rewrite(shared, &segment, &indexes, now)?;
    }
    Ok(erased)
}

fn rewrite(shared: &Shared, segment: &Segment, indexes: &[u64], now: Moment) -> Result<u64, EraseError> {
    let mut bytes = file::header(&shared.options.tree_name, segment.first).to_vec();
    let mut lengths = Vec::new();
    let mut erased = 0;
    segment.read(segment.first, segment.records(), |index, frame| {
        let start = bytes.len();
        let stone = match frame.content {
            Content::Envelope(envelope) if indexes.binary_search(&index).is_ok() => {
                erased += 1;
                let received_at = received_at(envelope).unwrap_or(now);
                Some(Tombstone { leaf_hash: frame.leaf_hash(), received_at, erased_at: now })
            }
            Content::Envelope(envelope) => {
                let start = frame::begin(crate::RequestId::of_bytes(frame.request), &mut bytes);
                bytes.extend_from_slice(envelope);
                frame::finish(start, frame.last_of_batch, &mut bytes);
                None
            }
            Content::Tombstone(stone) => Some(stone),
        };
        if let Some(stone) = stone {
            frame::tombstone(frame.request, frame.last_of_batch, &stone, &mut bytes);
        }
        lengths.push(u32::try_from(bytes.len() - start).unwrap_or(u32::MAX));
    })?;
    if erased == 0 {
        return Ok(0);
    }
    let failed = |source| EraseError::Write { path: segment.path.clone(), source };
    file::write_whole(&segment.path, &bytes).map_err(failed)?;
    let rewritten =
        Segment::new(segment.path.clone(), segment.first, File::open(&segment.path).map_err(failed)?);
    rewritten.note(lengths);
    shared.segments.replace(Arc::new(rewritten));
    Ok(erased)
}

/// When an envelope was received.
pub(crate) fn received_at(envelope: &[u8]) -> Option<Moment> {
    EnvelopeView::read(envelope).ok().map(|view| view.received_at)
}
