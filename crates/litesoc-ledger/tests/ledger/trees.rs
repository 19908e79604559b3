//! Both trees: the vectors, RFC 6962's known answers, and the naive definitions.

use crate::common::{hash, leaves, list, many, number, strings, text, unhex, vectors};
use litesoc_ledger::{
    Hash, merkle,
    ptree::{self, Climber, ConsistencyProof, MembershipProof, ProofFault, TrustedRoot},
    tree::{self, Frontier, MemoryTree, Nodes, Pangea, Rfc6962, Side, TreeKind},
};
use proptest::prelude::*;

/// The definition, word for word: split at the largest power of two below the length.
fn naive<K: TreeKind>(leaves: &[Hash]) -> Hash {
    if leaves.len() == 1 {
        return leaves[0];
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    K::node(&naive::<K>(left), &naive::<K>(right))
}

fn letters(sides: &[Side]) -> String {
    sides.iter().map(|side| if *side == Side::Left { 'l' } else { 'r' }).collect()
}

fn tree_of<K: TreeKind>(leaves: &[Hash]) -> MemoryTree<K> {
    leaves.iter().copied().collect()
}

fn trusted(tree: &MemoryTree<Pangea>, size: u64) -> TrustedRoot {
    TrustedRoot::pinned(size, ptree::root(tree, size).unwrap())
}

#[test]
fn the_p_tree_makes_and_accepts_every_vector() {
    let tree = tree_of::<Pangea>(&leaves());
    for vector in list(&vectors("trees")) {
        let size = number(vector, "size");
        let root = trusted(&tree, size);
        assert_eq!(*root.root(), hash(vector, "root"));
        for membership in list(&vector["membership"]) {
            let index = number(membership, "leaf_index");
            let proof = MembershipProof::build(&tree, index, size).unwrap();
            assert_eq!(proof.to_string(), text(membership, "proof"));
            assert_eq!(proof.to_string().parse(), Ok(proof.clone()));
            assert_eq!(letters(&tree::sides(index, index + 1, size).unwrap()), text(membership, "sides"));
            assert_eq!(proof.verify(&leaves()[index as usize], index, &root), Ok(()));
        }
        for consistency in list(&vector["consistency"]) {
            let from = number(consistency, "from_size");
            let proof = ConsistencyProof::build(&tree, from, size).unwrap();
            assert_eq!(proof.to_strings(), strings(&consistency["proof"]));
            assert_eq!(ConsistencyProof::parse(&strings(&consistency["proof"])), Ok(proof.clone()));
            let old = TrustedRoot::pinned(from, hash(consistency, "old_root"));
            assert_eq!(proof.verify(&old, &root), Ok(()));
            let peaks: Vec<_> =
                tree::peaks(from).rev().map(|(level, at)| [at << level, (at + 1) << level]).collect();
            assert_eq!(serde_json::json!(peaks), consistency["old_peaks_right_to_left"]);
        }
    }
}

#[test]
fn the_negative_vectors_get_the_answer_of_a_strict_verifier() {
    let mut seen = 0;
    for vector in list(&vectors("negative")) {
        let accepted = if vector["kind"] == "membership" {
            let root = TrustedRoot::pinned(number(vector, "tree_size"), hash(vector, "root"));
            let proof = text(vector, "proof").parse::<MembershipProof>();
            proof.and_then(|proof| {
                proof.verify(&hash(vector, "leaf"), number(vector, "claimed_leaf_index"), &root)
            })
        } else {
            let old = TrustedRoot::pinned(number(vector, "from_size"), hash(vector, "old_root"));
            let new = TrustedRoot::pinned(number(vector, "to_size"), hash(vector, "new_root"));
            ConsistencyProof::parse(&strings(&vector["proof"])).and_then(|proof| proof.verify(&old, &new))
        };
        assert_eq!(accepted.is_ok(), vector["strict_verifier_must"] == true, "{}", vector["name"]);
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn proofs_of_the_hosted_service_with_its_two_levels() {
    let vector = vectors("two_level_tree");
    let roots = list(&vector["roots"]);
    let root = |size: u64| TrustedRoot::pinned(size, hash(&roots[size as usize - 1], "root_hash"));
    let newest = root(roots.len() as u64);
    for event in list(&vector["events"]) {
        let (leaf, buffer) = (hash(event, "event_leaf_hash"), number(event, "leaf_index"));
        let proof: MembershipProof = text(event, "membership_proof").parse().unwrap();
        assert_eq!(proof.verify_two_level(&leaf, buffer, &newest), Ok(()));
        for other in (0..4).filter(|other| *other != buffer) {
            assert!(proof.verify_two_level(&leaf, other, &newest).is_err());
        }
    }
    for later in &roots[1..] {
        let size = number(later, "size");
        let proof = ConsistencyProof::parse(&strings(&later["consistency_proof"])).unwrap();
        assert_eq!(proof.verify(&root(size - 1), &root(size)), Ok(()));
    }
}

#[test]
fn the_r_tree_makes_and_accepts_every_vector() {
    let vector = vectors("c2sp");
    let entries: Vec<_> =
        list(&vector["entries"]).iter().map(|entry| unhex(text(entry, "entry_hex"))).collect();
    let tree: MemoryTree<Rfc6962> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    for (entry, bytes) in list(&vector["entries"]).iter().zip(&entries) {
        assert_eq!(merkle::leaf_hash(bytes), hash(entry, "rfc6962_leaf_hash"));
    }
    for vector in list(&vector["trees"]) {
        let size = number(vector, "size");
        let root = hash(vector, "root_hex");
        assert_eq!(merkle::root(&tree, size).unwrap(), root);
        assert_eq!(root.to_base64(), text(vector, "root_base64"));
        for (index, proof) in (0..).zip(list(&vector["inclusion"])) {
            let made = merkle::inclusion(&tree, index, size).unwrap();
            assert_eq!(made.iter().map(Hash::to_string).collect::<Vec<_>>(), strings(proof));
            let leaf = merkle::leaf_hash(&entries[index as usize]);
            assert_eq!(merkle::verify_inclusion(&leaf, index, size, &made, &root), Ok(()));
        }
        for consistency in list(&vector["consistency"]) {
            let from = number(consistency, "from_size");
            let made = merkle::consistency(&tree, from, size).unwrap();
            assert_eq!(made.iter().map(Hash::to_string).collect::<Vec<_>>(), strings(&consistency["proof"]));
            let old = merkle::root(&tree, from).unwrap();
            assert_eq!(merkle::verify_consistency(from, &old, size, &root, &made), Ok(()));
        }
    }
}

/// The tree that implementations of Certificate Transparency test with: eight short leaves, and their roots.
#[test]
fn known_answers_of_certificate_transparency() {
    let inputs =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let tree: MemoryTree<Rfc6962> = inputs.iter().map(|input| merkle::leaf_hash(&unhex(input))).collect();
    for (size, root) in (1..).zip(roots) {
        assert_eq!(merkle::root(&tree, size).unwrap().to_string(), root);
    }
    assert_eq!(merkle::root(&tree, 0).unwrap(), Hash::of(b""));
    let path: Vec<_> = merkle::inclusion(&tree, 5, 8).unwrap().iter().map(Hash::to_string).collect();
    assert_eq!(
        path,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    let proof: Vec<_> = merkle::consistency(&tree, 6, 8).unwrap().iter().map(Hash::to_string).collect();
    assert_eq!(
        proof,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

/// RFC 6962, section 2.1.3: the tree of seven leaves that the RFC draws, node by node.
#[test]
fn the_example_of_rfc_6962() {
    let d: Vec<_> = (0..7_u8).map(|n| merkle::leaf_hash(&[n])).collect();
    let node = |left: &Hash, right: &Hash| Rfc6962::node(left, right);
    let (g, h, i) = (node(&d[0], &d[1]), node(&d[2], &d[3]), node(&d[4], &d[5]));
    let j = d[6];
    let (k, l) = (node(&g, &h), node(&i, &j));
    let tree = tree_of::<Rfc6962>(&d);
    let path = |index| merkle::inclusion(&tree, index, 7).unwrap();
    assert_eq!(path(0), [d[1], h, l]);
    assert_eq!(path(3), [d[2], g, l]);
    assert_eq!(path(4), [d[5], j, k]);
    assert_eq!(path(6), [i, k]);
    let proof = |from| merkle::consistency(&tree, from, 7).unwrap();
    assert_eq!(proof(3), [d[2], d[3], g, l]);
    assert_eq!(proof(4), [l]);
    assert_eq!(proof(6), [i, j, k]);
    assert_eq!(proof(7), []);
}

#[test]
fn positions_that_do_not_exist() {
    let tree = tree_of::<Pangea>(&many(5));
    for (index, size) in [(5, 5), (0, 0), (u64::MAX, 5), (6, 9)] {
        assert!(MembershipProof::build(&tree, index, size).is_err(), "{index} of {size}");
        assert!(merkle::inclusion(&tree, index, size).is_err());
        let root = TrustedRoot::pinned(size, Hash::of(b""));
        assert!(matches!(
            MembershipProof::default().verify(&Hash::of(b"x"), index, &root),
            Err(ProofFault::NoSuchLeaf { .. } | ProofFault::Position { .. })
        ));
        assert!(merkle::verify_inclusion(&Hash::of(b"x"), index, size, &[], &Hash::of(b"x")).is_err());
    }
    for (from, to) in [(0, 5), (5, 5), (6, 5), (3, 9)] {
        assert!(ConsistencyProof::build(&tree, from, to).is_err(), "{from} to {to}");
    }
    assert!(merkle::consistency(&tree, 6, 5).is_err());
    assert!(ptree::root(&tree, 0).is_err());
    assert!(tree.node(200, u64::MAX).is_err());
}

#[test]
fn texts_that_are_no_proofs() {
    let hash = "ab".repeat(32);
    let bad = [
        "x".to_owned(),
        ",".to_owned(),
        format!("l:{hash},"),
        format!(",l:{hash}"),
        format!("L:{hash}"),
        format!("x:{hash}"),
        format!("l{hash}"),
        format!("l:{}", hash.to_uppercase()),
        format!("l:{}", &hash[1..]),
        format!("l:{hash}0"),
        format!("l:{hash} ,r:{hash}"),
        format!("l:{hash}, r:{hash}"),
        format!("l: {hash}"),
        format!("l:{hash}\n"),
    ];
    for text in &bad {
        assert!(matches!(text.parse::<MembershipProof>(), Err(ProofFault::Item { .. })), "{text}");
    }
    let elements = [
        "".to_owned(),
        format!("x:{hash}"),
        format!("x:{hash},"),
        format!("l:{hash},l:{hash}"),
        format!("x:{hash},x:{hash}"),
    ];
    for text in elements {
        assert_eq!(ConsistencyProof::parse(&[&text]), Err(ProofFault::Element { element: 0 }), "{text}");
    }
}

#[test]
fn a_missing_proof_is_no_pass() {
    let tree = tree_of::<Pangea>(&many(8));
    let (five, eight) = (trusted(&tree, 5), trusted(&tree, 8));
    assert_eq!(
        ConsistencyProof::verify_answer(None, &five, &eight),
        Err(ProofFault::Peaks { needed: 2, given: 0 })
    );
    assert_eq!(ConsistencyProof::verify_answer(None, &eight, &eight), Ok(()));
    let other = TrustedRoot::pinned(8, Hash::of(b"another history"));
    assert_eq!(ConsistencyProof::verify_answer(None, &other, &eight), Err(ProofFault::Split));
    assert!(matches!(
        ConsistencyProof::build(&tree, 5, 8).unwrap().verify(&eight, &five),
        Err(ProofFault::Shrunk { from: 8, to: 5 })
    ));
}

#[test]
fn names_of_trees_and_published_roots() {
    let name = ptree::tree_name("audit.example/acme");
    assert_eq!(name, Hash::of(b"audit-tree/v1\naudit.example/acme").to_string());
    let id = ptree::published_root_id(&name, 12);
    assert!(id.len() == 43 && !id.contains(['+', '/', '=']));
    assert_ne!(id, ptree::published_root_id(&name, 13));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_and_proofs_follow_the_naive_definition(count in 1_u32..200, pick in any::<prop::sample::Index>()) {
        let leaves = many(count);
        let (p, r) = (tree_of::<Pangea>(&leaves), tree_of::<Rfc6962>(&leaves));
        let to = u64::from(count);
        prop_assert_eq!(p.root(), Some(naive::<Pangea>(&leaves)));
        prop_assert_eq!(r.root(), Some(naive::<Rfc6962>(&leaves)));
        for size in [1, to.div_ceil(2), to] {
            prop_assert_eq!(ptree::root(&p, size).unwrap(), naive::<Pangea>(&leaves[..size as usize]));
            prop_assert_eq!(merkle::root(&r, size).unwrap(), naive::<Rfc6962>(&leaves[..size as usize]));
        }
        let index = pick.index(leaves.len());
        let (leaf, at) = (leaves[index], index as u64);
        let root = trusted(&p, to);
        let proof = MembershipProof::build(&p, at, to).unwrap();
        prop_assert_eq!(proof.verify(&leaf, at, &root), Ok(()));
        let path = merkle::inclusion(&r, at, to).unwrap();
        let top = r.root().unwrap();
        prop_assert_eq!(merkle::verify_inclusion(&leaf, at, to, &path, &top), Ok(()));
        for (other, _) in leaves.iter().enumerate().filter(|(other, _)| *other != index) {
            prop_assert!(proof.verify(&leaf, other as u64, &root).is_err());
            prop_assert!(merkle::verify_inclusion(&leaf, other as u64, to, &path, &top).is_err());
        }
    }

    #[test]
    fn every_state_is_the_beginning_of_every_later_one(to in 2_u32..130) {
        let leaves = many(to);
        let (p, r) = (tree_of::<Pangea>(&leaves), tree_of::<Rfc6962>(&leaves));
        let to = u64::from(to);
        let new = trusted(&p, to);
        let top = r.root().unwrap();
        for from in 1..to {
            let old = trusted(&p, from);
            let proof = ConsistencyProof::build(&p, from, to).unwrap();
            prop_assert_eq!(proof.verify(&old, &new), Ok(()));
            let path = merkle::consistency(&r, from, to).unwrap();
            let earlier = merkle::root(&r, from).unwrap();
            prop_assert_eq!(merkle::verify_consistency(from, &earlier, to, &top, &path), Ok(()));
            for wrong in (1..to).filter(|wrong| *wrong != from) {
                prop_assert!(proof.verify(&TrustedRoot::pinned(wrong, *old.root()), &new).is_err());
                prop_assert!(merkle::verify_consistency(wrong, &earlier, to, &top, &path).is_err());
            }
            let mut longer = path.clone();
            longer.push(top);
            prop_assert!(merkle::verify_consistency(from, &earlier, to, &top, &longer).is_err());
        }
    }

    #[test]
    fn another_history_is_never_consistent(to in 2_u32..100, from in 1_u32..100, changed in any::<prop::sample::Index>()) {
        prop_assume!(from < to);
        let mut leaves = many(to);
        let (p, r) = (tree_of::<Pangea>(&leaves), tree_of::<Rfc6962>(&leaves));
        let (old, earlier) = (trusted(&p, from.into()), merkle::root(&r, from.into()).unwrap());
        leaves[changed.index(from as usize)] = Hash::of(b"rewritten");
        let (p, r) = (tree_of::<Pangea>(&leaves), tree_of::<Rfc6962>(&leaves));
        let (from, to) = (u64::from(from), u64::from(to));
        let proof = ConsistencyProof::build(&p, from, to).unwrap();
        prop_assert!(proof.verify(&old, &trusted(&p, to)).is_err());
        let path = merkle::consistency(&r, from, to).unwrap();
        prop_assert!(merkle::verify_consistency(from, &earlier, to, &r.root().unwrap(), &path).is_err());
    }

    #[test]
    fn the_right_edge_continues_from_any_size(count in 1_u32..300, cut in any::<prop::sample::Index>()) {
        let leaves = many(count);
        let cut = cut.index(leaves.len());
        let whole: MemoryTree<Pangea> = tree_of(&leaves);
        let before = tree_of::<Pangea>(&leaves[..cut]);
        let mut edge = Frontier::<Pangea>::from_peaks(cut as u64, before.frontier().peaks().to_vec()).unwrap();
        leaves[cut..].iter().for_each(|leaf| edge.append(*leaf));
        prop_assert_eq!(&edge, whole.frontier());
        let (mut jumped, size) = (before.frontier().clone(), u64::from(count));
        let spans: Vec<_> = tree::span(cut as u64, size).map(|(l, i)| whole.node(l, i).unwrap()).collect();
        jumped.extend(size, &spans).unwrap();
        prop_assert_eq!(jumped.root(), whole.root());
        prop_assert!(before.frontier().clone().extend(size, &spans[1..]).is_err());
    }

    #[test]
    fn climbing_on_what_was_climbed_changes_no_answer(
        count in 1_u32..120,
        order in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 1..80),
    ) {
        let leaves = many(count);
        let tree = tree_of::<Pangea>(&leaves);
        let root = trusted(&tree, count.into());
        let mut climber = Climber::new(root);
        for (leaf, position, how) in order {
            let (mut at, claimed) = (leaf.index(leaves.len()), position.index(leaves.len()) as u64);
            let index = if how == 0 { claimed } else { at as u64 };
            let mut proof = MembershipProof::build(&tree, at as u64, count.into()).unwrap();
            if how == 1 {
                let changed = proof.to_string().replacen('a', "b", 1);
                proof = changed.parse().unwrap();
            }
            if how == 2 {
                at = (at + 1) % leaves.len();
            }
            prop_assert_eq!(climber.verify(&leaves[at], index, &proof), proof.verify(&leaves[at], index, &root));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[lrx:0-9a-f,]{0,200}") {
        if let Ok(proof) = text.parse::<MembershipProof>() {
            prop_assert_eq!(proof.to_string(), text.clone());
        }
        if let Ok(proof) = ConsistencyProof::parse(&[&text]) {
            prop_assert_eq!(proof.to_strings(), [text]);
        }
    }
}
