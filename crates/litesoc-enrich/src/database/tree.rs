//! [`Tree`]: the search tree of an MMDB file, every node of which has been visited once.
//!
//! The layout is that of the MaxMind DB file format specification, version 2.0.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maxminddb::Metadata;

/// Zero bytes between the tree and the data.
const SEPARATOR: usize = 16;
/// From so many nodes on a tree gets a table of the first halves of IPv4 addresses, which saves sixteen steps of a lookup.
const LARGE: u32 = 1 << 16;
const METADATA_MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A network with a record.
pub(super) struct Leaf {
    /// Where its record begins in the data section.
    pub(super) offset: u32,
    /// An address in the network; IPv4 where the file holds it as IPv4.
    pub(super) address: IpAddr,
}

/// A search tree whose leaves are numbers that its maker has chosen.
pub(super) struct Tree {
    nodes: Vec<u8>,
    count: u32,
    node_bytes: usize,
    bits: u32,
    /// Where IPv4 addresses begin in a tree of IPv6 addresses.
    v4_start: u32,
    /// Where each of the 65,536 first halves of an IPv4 address leads; empty in small trees.
    v4_halves: Box<[u32]>,
}

/// The part of a file that holds its records.
pub(super) fn data<'a>(bytes: &'a [u8], metadata: &Metadata) -> Result<&'a [u8], String> {
    let end = bytes.windows(METADATA_MARKER.len()).rposition(|window| window == METADATA_MARKER);
    let start = tree_bytes(metadata).and_then(|length| length.checked_add(SEPARATOR));
    let data = start.and_then(|start| bytes.get(start..end.unwrap_or_default()));
    data.ok_or_else(|| "is damaged: its tree is longer than the file".to_owned())
}

fn tree_bytes(metadata: &Metadata) -> Option<usize> {
    (metadata.node_count as usize).checked_mul(usize::from(metadata.record_size) / 4)
}

/// A step of the walk: a node to enter, or one all of whose descendants have been visited.
enum Step {
    Enter { node: u32, depth: u32, path: u128 },
    Leave(u32),
}

impl Tree {
    /// Takes the tree of a file whose data section is this long, visits every node of it once, and asks for every network
    /// with a record which number it shall have.
    ///
    /// Numbers count from 0, one for each offset, so that the largest number finds room where the largest offset was. A
    /// node that is reached by several ways, as IPv4 is in an IPv6 file, is visited the first time.
    pub(super) fn renumber(
        bytes: &[u8],
        metadata: &Metadata,
        data_bytes: usize,
        mut number: impl FnMut(Leaf) -> Result<u32, String>,
    ) -> Result<Self, String> {
        let nodes = tree_bytes(metadata).and_then(|length| bytes.get(..length));
        let nodes = nodes.ok_or_else(|| "is damaged: its tree is longer than the file".to_owned())?;
        let mut tree = Self {
            nodes: nodes.to_vec(),
            count: metadata.node_count,
            node_bytes: usize::from(metadata.record_size) / 4,
            bits: if metadata.ip_version == 4 { 32 } else { 128 },
            v4_start: 0,
            v4_halves: Box::default(),
        };
        let (mut entered, mut left) = (Marks::of(tree.count), Marks::of(tree.count));
        let mut steps = vec![Step::Enter { node: 0, depth: 0, path: 0 }];
        while let Some(step) = steps.pop() {
            let (node, depth, path) = match step {
                Step::Leave(node) => {
                    left.set(node);
                    continue;
                }
                Step::Enter { node, depth, path } => (node, depth, path),
            };
            if left.has(node) {
                continue;
            }
            if entered.has(node) {
                return Err("is damaged: its tree runs in a circle".to_owned());
            }
            if depth == tree.bits {
                return Err("is damaged: its tree is deeper than addresses are long".to_owned());
            }
            entered.set(node);
            steps.push(Step::Leave(node));
            let bit = 1_u128 << (tree.bits - 1 - depth);
            // The last one in is the first one out: what begins with a zero, such as IPv4, is visited first.
            for (one, path) in [(true, path | bit), (false, path)] {
                let value = tree.child(node, one);
                if value < tree.count {
                    steps.push(Step::Enter { node: value, depth: depth + 1, path });
                } else if value > tree.count {
                    let offset = offset(value - tree.count, data_bytes)?;
                    let leaf = Leaf { offset, address: tree.address(path, depth + 1) };
                    let chosen = number(leaf)?;
                    tree.set_child(node, one, tree.count + 1 + chosen);
                }
            }
        }
        tree.v4_start = if tree.bits == 32 { 0 } else { tree.descend(0, 0, 96) };
        if tree.count >= LARGE {
            let halves = (0..=u128::from(u16::MAX)).map(|half| tree.descend(tree.v4_start, half << 112, 16));
            tree.v4_halves = halves.collect();
        }
        Ok(tree)
    }

    /// The number of the network that an address is in.
    #[inline]
    pub(super) fn find(&self, ip: IpAddr) -> Option<u32> {
        let end = match ip {
            IpAddr::V4(v4) => {
                let v4 = u32::from(v4);
                match self.v4_halves.get(v4 as usize >> 16) {
                    Some(half) => self.descend(*half, u128::from(v4) << 112, 16),
                    None => self.descend(self.v4_start, u128::from(v4) << 96, 32),
                }
            }
            IpAddr::V6(_) if self.bits == 32 => return None,
            IpAddr::V6(v6) => self.descend(0, v6.into(), 128),
        };
        end.checked_sub(self.count)?.checked_sub(1)
    }

    /// Follows the highest bits of a path from a node to a leaf, or as far as they reach.
    #[inline]
    fn descend(&self, from: u32, mut path: u128, bits: u32) -> u32 {
        let mut node = from;
        for _ in 0..bits {
            if node >= self.count {
                break;
            }
            node = self.child(node, path >> 127 == 1);
            path <<= 1;
        }
        node
    }

    #[inline]
    fn child(&self, node: u32, one: bool) -> u32 {
        let start = node as usize * self.node_bytes;
        let bytes = self.nodes.get(start..start + self.node_bytes).unwrap_or(&[0; 8]);
        match (bytes, one) {
            ([a, b, c, _, _, _], false) | ([_, _, _, a, b, c], true) => u32::from_be_bytes([0, *a, *b, *c]),
            // The byte in the middle holds the highest four bits of each.
            ([a, b, c, middle, _, _, _], false) => u32::from_be_bytes([middle >> 4, *a, *b, *c]),
            ([_, _, _, middle, a, b, c], true) => u32::from_be_bytes([middle & 15, *a, *b, *c]),
            ([a, b, c, d, _, _, _, _], false) | ([_, _, _, _, a, b, c, d], true) => {
                u32::from_be_bytes([*a, *b, *c, *d])
            }
            // A record size that the reader has refused.
            _ => self.count,
        }
    }

    /// Replaces a child by one that finds room.
    fn set_child(&mut self, node: u32, one: bool, value: u32) {
        let start = node as usize * self.node_bytes;
        let Some(bytes) = self.nodes.get_mut(start..start + self.node_bytes) else { return };
        let [top, a, b, c] = value.to_be_bytes();
        match (bytes, one) {
            ([x, y, z, _, _, _], false) | ([_, _, _, x, y, z], true) => [*x, *y, *z] = [a, b, c],
            ([x, y, z, middle, _, _, _], false) => {
                [*x, *y, *z] = [a, b, c];
                *middle = *middle & 15 | top << 4;
            }
            ([_, _, _, middle, x, y, z], true) => {
                [*x, *y, *z] = [a, b, c];
                *middle = *middle & 0xf0 | top & 15;
            }
            ([w, x, y, z, _, _, _, _], false) | ([_, _, _, _, w, x, y, z], true) => {
                [*w, *x, *y, *z] = [top, a, b, c];
            }
            _ => {}
        }
    }

    fn address(&self, path: u128, depth: u32) -> IpAddr {
        match u32::try_from(path) {
            Ok(v4) if self.bits == 32 || depth >= 96 => Ipv4Addr::from(v4).into(),
            _ => Ipv6Addr::from(path).into(),
        }
    }
}

/// Where the record of a leaf begins.
fn offset(value: u32, data_bytes: usize) -> Result<u32, String> {
    let offset = value.checked_sub(SEPARATOR as u32).filter(|offset| (*offset as usize) < data_bytes);
    offset.ok_or_else(|| "is damaged: its tree points outside the data".to_owned())
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
