//! The search tree of an MMDB file, walked once: every node, every leaf, no loop.
//!
//! The layout is that of the MaxMind DB file format specification, version 2.0.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maxminddb::Metadata;

/// Zero bytes between the tree and the data.
const SEPARATOR: usize = 16;
const METADATA_MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A network with a record.
pub(super) struct Leaf {
    /// Where its record begins in the data section.
    pub(super) offset: u32,
    /// An address in the network; IPv4 where the file holds it as IPv4.
    pub(super) address: IpAddr,
}

/// The search tree of an MMDB file.
pub(super) struct Tree<'a> {
    nodes: &'a [u8],
    data: &'a [u8],
    count: u32,
    node_bytes: usize,
    bits: u32,
}

/// A step of the walk: a node to enter, or one all of whose descendants have been visited.
enum Step {
    Enter { node: u32, depth: u32, path: u128 },
    Leave(u32),
}

impl<'a> Tree<'a> {
    pub(super) fn of(bytes: &'a [u8], metadata: &Metadata) -> Result<Self, String> {
        let node_bytes = usize::from(metadata.record_size) / 4;
        let damaged = || "is damaged: its tree is longer than the file".to_owned();
        let length = (metadata.node_count as usize).checked_mul(node_bytes).ok_or_else(damaged)?;
        let end = bytes.windows(METADATA_MARKER.len()).rposition(|window| window == METADATA_MARKER);
        let nodes = bytes.get(..length).ok_or_else(damaged)?;
        let data = bytes.get(length + SEPARATOR..end.unwrap_or_default()).ok_or_else(damaged)?;
        let bits = if metadata.ip_version == 4 { 32 } else { 128 };
        Ok(Self { nodes, data, count: metadata.node_count, node_bytes, bits })
    }

    /// The section that holds the records.
    pub(super) const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Visits every node once and every network with a record, until something is wrong.
    ///
    /// A node that is reached by several ways, as IPv4 is in an IPv6 file, counts the first time.
    pub(super) fn walk(&self, mut visit: impl FnMut(Leaf) -> Result<(), String>) -> Result<(), String> {
        let (mut entered, mut left) = (Marks::of(self.count), Marks::of(self.count));
        let mut steps = vec![Step::Enter { node: 0, depth: 0, path: 0 }];
        while let Some(step) = steps.pop() {
            let (node, depth, path) = match step {
                Step::Leave(node) => {
                    left.set(node);
                    continue;
                }
                Step::Enter { node, depth, path } => (node, depth, path),
            };
            if node < self.count {
                if left.has(node) {
                    continue;
                }
                if entered.has(node) {
                    return Err("is damaged: its tree runs in a circle".to_owned());
                }
                if depth == self.bits {
                    return Err("is damaged: its tree is deeper than addresses are long".to_owned());
                }
                entered.set(node);
                let (zero, one) = self.children(node);
                let bit = 1_u128 << (self.bits - 1 - depth);
                steps.push(Step::Leave(node));
                steps.push(Step::Enter { node: one, depth: depth + 1, path: path | bit });
                steps.push(Step::Enter { node: zero, depth: depth + 1, path });
            } else if node > self.count {
                visit(Leaf { offset: self.offset(node)?, address: self.address(path, depth) })?;
            }
        }
        Ok(())
    }

    /// Where the record of a leaf begins.
    fn offset(&self, value: u32) -> Result<u32, String> {
        let offset = (value - self.count).checked_sub(SEPARATOR as u32);
        offset
            .filter(|offset| (*offset as usize) < self.data.len())
            .ok_or_else(|| "is damaged: its tree points outside the data".to_owned())
    }

    fn address(&self, path: u128, depth: u32) -> IpAddr {
        let low = u32::try_from(path);
        match low {
            Ok(v4) if self.bits == 32 || depth >= 96 => Ipv4Addr::from(v4).into(),
            _ => Ipv6Addr::from(path).into(),
        }
    }

    fn children(&self, node: u32) -> (u32, u32) {
        let start = node as usize * self.node_bytes;
        let bytes = self.nodes.get(start..start + self.node_bytes).unwrap_or(&[0; 8]);
        let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        match *bytes {
            // 28 bits: the byte in the middle holds the highest four of each.
            [_, _, _, middle, _, _, _] => {
                let (high, low) = (u32::from(middle >> 4) << 24, u32::from(middle & 15) << 24);
                (high | number(&bytes[..3]), low | number(&bytes[4..]))
            }
            _ => {
                let (zero, one) = bytes.split_at(bytes.len() / 2);
                (number(zero), number(one))
            }
        }
    }
}

/// One bit for each node.
struct Marks(Vec<u64>);

impl Marks {
    fn of(count: u32) -> Self {
        Self(vec![0; count as usize / 64 + 1])
    }

    fn has(&self, node: u32) -> bool {
        self.0[node as usize / 64] >> (node % 64) & 1 == 1
    }

    fn set(&mut self, node: u32) {
        self.0[node as usize / 64] |= 1 << (node % 64);
    }
}
