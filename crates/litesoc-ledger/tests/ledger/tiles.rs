//! Tiles: names, bundles, tiles of growing trees and the proofs read from them.

use std::collections::HashMap;

use crate::common::{list, many, text, unhex, vectors};
use litesoc_ledger::{
    Hash, merkle,
    tiles::{
        InvalidEntryBundle, TileBuilder, TileFault, TileId, TileNodes, TilePath, TileReader, entries_of,
        entry_bundle, needed_for, tile_bytes, tile_hashes, tiles_of,
    },
    tree::{self, MemoryTree, Nodes, Pangea, Rfc6962, TreeKind},
};
use proptest::prelude::*;

#[derive(Default)]
struct Store(HashMap<TileId, Vec<u8>>);

impl TileReader for Store {
    type Error = &'static str;

    fn tile(&self, tile: TileId) -> Result<Vec<u8>, Self::Error> {
        self.0.get(&tile).or_else(|| self.0.get(&tile.full())).cloned().ok_or("not found")
    }
}

fn build<K: TreeKind>(leaves: &[Hash]) -> (Store, TileBuilder<K>) {
    let (mut store, mut builder) = (Store::default(), TileBuilder::<K>::new());
    for leaf in leaves {
        builder.append(*leaf, |tile| drop(store.0.insert(tile.id, tile_bytes(&tile.hashes))));
    }
    store.0.extend(builder.partial().map(|(id, hashes)| (id, tile_bytes(hashes))));
    (store, builder)
}

#[test]
fn the_vectors_of_a_tile_and_a_bundle() {
    let vector = vectors("c2sp");
    let entries: Vec<_> =
        list(&vector["entries"]).iter().map(|entry| unhex(text(entry, "entry_hex"))).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    let (store, _) = build::<Rfc6962>(&leaves);
    let tile = TileId { level: 0, index: 0, width: 8 };
    assert_eq!(store.0[&tile], unhex(text(&vector, "level0_tile_8_wide_hex")));
    let bundle = unhex(text(&vector, "entry_bundle_8_wide_hex"));
    assert_eq!(entry_bundle(&entries).unwrap(), bundle);
    assert_eq!(entries_of(&bundle).unwrap(), entries);
}

#[test]
fn names_are_those_of_the_specification() {
    let tile = |level, index, width| TilePath::Tile(TileId { level, index, width });
    let cases = [
        ("tile/0/000", tile(0, 0, 256)),
        ("tile/0/x001/x234/067", tile(0, 1_234_067, 256)),
        ("tile/63/999.p/255", tile(63, 999, 255)),
        ("tile/1/x001/000.p/1", tile(1, 1_000, 1)),
        ("tile/entries/x010/123", TilePath::Entries { index: 10_123, width: 256 }),
        ("tile/entries/007.p/12", TilePath::Entries { index: 7, width: 12 }),
        ("tile/0/x018/x446/x744/x073/x709/x551/615", tile(0, u64::MAX, 256)),
    ];
    for (text, path) in cases {
        assert_eq!(path.to_string(), text);
        assert_eq!(text.parse(), Ok(path));
    }
    for text in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/1/2",
        "tile/0/000/",
        "/tile/0/000",
        "tile/data/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/٠٠٠",
        "tile/0/..",
        "tile/entries/000.p/1.p/1",
    ] {
        assert!(text.parse::<TilePath>().is_err(), "{text}");
    }
}

/// The two examples that C2SP tlog-tiles computes.
#[test]
fn the_tiles_of_a_tree_of_70_000() {
    let count =
        |level, full| tiles_of(70_000).filter(|tile| tile.level == level && tile.is_full() == full).count();
    assert_eq!(
        [count(0, true), count(0, false), count(1, true), count(1, false), count(2, false)],
        [273, 1, 1, 1, 1]
    );
    let partial: Vec<_> = tiles_of(70_000).filter(|tile| !tile.is_full()).map(|tile| tile.width).collect();
    assert_eq!(partial, [112, 17, 1]);
    let small: Vec<_> = tiles_of(256).map(|tile| (tile.level, tile.width)).collect();
    assert_eq!(small, [(0, 256), (1, 1)]);
    assert_eq!(tiles_of(0).count(), 0);
}

#[test]
fn a_large_tree_reads_like_one_in_memory() {
    let leaves = many(70_000);
    let (store, builder) = build::<Pangea>(&leaves);
    let whole: MemoryTree<Pangea> = leaves.iter().copied().collect();
    assert_eq!(builder.root(), whole.root());
    assert_eq!(builder.frontier(), *whole.frontier());
    let nodes = TileNodes::<Pangea, _>::new(&store, 70_000);
    for index in [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let path = tree::path::<Pangea, _>(&nodes, index, index + 1, 70_000).unwrap();
        assert_eq!(path, tree::path::<Pangea, _>(&whole, index, index + 1, 70_000).unwrap());
        let needed =
            needed_for(70_000, |nodes| drop(tree::path::<Pangea, _>(nodes, index, index + 1, 70_000)));
        let mut only = Store::default();
        only.0.extend(needed.iter().map(|tile| (*tile, store.0[tile].clone())));
        let fetched = TileNodes::<Pangea, _>::new(&only, 70_000);
        assert_eq!(tree::path::<Pangea, _>(&fetched, index, index + 1, 70_000).unwrap(), path);
    }
    let from = tree::consistency::<Pangea, _>(&nodes, 65_537, 70_000).unwrap();
    assert_eq!(from, tree::consistency::<Pangea, _>(&whole, 65_537, 70_000).unwrap());
    assert!(nodes.node(0, 70_000).is_err());
    assert!(nodes.node(16, 1).is_err() && nodes.node(16, 0).is_ok());
}

#[test]
fn a_missing_or_torn_tile_is_named() {
    let (mut store, _) = build::<Rfc6962>(&many(300));
    let partial = TileId { level: 0, index: 1, width: 44 };
    store.0.get_mut(&partial).unwrap().pop();
    let nodes = TileNodes::<Rfc6962, _>::new(&store, 300);
    let error = nodes.node(0, 299).unwrap_err();
    assert_eq!(error, TileFault::Length { tile: partial, length: 44 * 32 - 1 });
    assert!(error.to_string().contains("tile/0/001.p/44"));
    store.0.remove(&partial);
    let nodes = TileNodes::<Rfc6962, _>::new(&store, 300);
    assert_eq!(nodes.node(0, 299).unwrap_err(), TileFault::Read { tile: partial, error: "not found" });
    assert!(TileBuilder::<Rfc6962>::resume(300, &store).is_err());
}

#[test]
fn bytes_that_are_no_tile_and_no_bundle() {
    for length in [0, 31, 33, 257 * 32] {
        assert!(tile_hashes(&vec![0; length]).is_none());
    }
    assert_eq!(entries_of(&[]), Err(InvalidEntryBundle::Count { count: 0 }));
    assert_eq!(entries_of(&[0]), Err(InvalidEntryBundle::Torn { entry: 0 }));
    assert_eq!(entries_of(&[0, 1, 7, 0, 2, 7]), Err(InvalidEntryBundle::Torn { entry: 1 }));
    assert_eq!(entries_of(&[0; 514]), Err(InvalidEntryBundle::Count { count: 257 }));
    assert_eq!(entry_bundle([vec![0; 65_536]]), Err(InvalidEntryBundle::Length { entry: 0 }));
    assert_eq!(entry_bundle(Vec::<Vec<u8>>::new()), Err(InvalidEntryBundle::Count { count: 0 }));
    assert!(entry_bundle([vec![0; 65_535]]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tiles_resume_and_agree_with_the_tree(count in 1_u32..1_500, cut in any::<prop::sample::Index>()) {
        let leaves = many(count);
        let cut = cut.index(leaves.len());
        let (store, _) = build::<Rfc6962>(&leaves[..cut]);
        let mut builder = TileBuilder::<Rfc6962>::resume(cut as u64, &store).unwrap();
        let mut later = store;
        for leaf in &leaves[cut..] {
            builder.append(*leaf, |tile| drop(later.0.insert(tile.id, tile_bytes(&tile.hashes))));
        }
        later.0.extend(builder.partial().map(|(id, hashes)| (id, tile_bytes(hashes))));
        let (whole, _) = build::<Rfc6962>(&leaves);
        for tile in tiles_of(count.into()) {
            prop_assert_eq!(later.0.get(&tile), whole.0.get(&tile));
        }
        let tree: MemoryTree<Rfc6962> = leaves.iter().copied().collect();
        prop_assert_eq!(builder.root(), tree.root());
        let nodes = TileNodes::<Rfc6962, _>::new(&later, count.into());
        let size = u64::from(count);
        for from in [1, size.div_ceil(2), size] {
            prop_assert_eq!(merkle::root(&nodes, from).unwrap(), merkle::root(&tree, from).unwrap());
            prop_assert_eq!(merkle::consistency(&nodes, from, size).unwrap(), merkle::consistency(&tree, from, size).unwrap());
        }
    }

    #[test]
    fn any_path_is_read_or_refused(text in "(tile/)?([0-9]{1,2}|entries)/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn any_bytes_are_a_bundle_or_not(bytes in prop::collection::vec(0..4_u8, 0..60)) {
        if let Ok(entries) = entries_of(&bytes) {
            prop_assert_eq!(entry_bundle(entries).unwrap(), bytes);
        }
    }
}
