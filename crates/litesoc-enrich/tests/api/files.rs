//! Finding files by what an operator writes.

use std::fs;

use litesoc_enrich::{Enricher, ListKind, Located, SourceKind, locate};

use crate::mmdb::{asn, database, known};

#[test]
fn a_folder_stands_for_the_files_in_it_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("asn.mmdb", &database("asn", &[("192.0.2.0/24", asn(64_500, "Example"))]));
    write("vpn.txt", b"192.0.2.0/25\n");
    write("README.txt", b"hello");
    write(".vpn.txt", b"half a downlo");
    fs::create_dir(folder.path().join("tor.txt")).unwrap();
    let files = locate([folder.path().to_str().unwrap()]).unwrap();
    let kinds: Vec<SourceKind> = files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, [SourceKind::Database, SourceKind::List(ListKind::Vpn)]);
    let enricher = Enricher::open_files(&files).unwrap();
    let known = known(&enricher, "192.0.2.1");
    assert!(known.network.is_vpn && known.network.asn == Some(64_500));
}

#[test]
fn a_kind_can_be_written_and_must_be_where_a_name_tells_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ranges.txt");
    fs::write(&path, "192.0.2.0/24\n").unwrap();
    let named = path.to_str().unwrap();
    let error = locate([named]).unwrap_err();
    assert!(error.to_string().contains("write KIND=FILE"), "{error}");
    let written = locate([format!("relay={named}")]).unwrap();
    assert_eq!(written, [Located::new(&path, SourceKind::List(ListKind::Relay))]);
    assert!(known(&Enricher::open_files(&written).unwrap(), "192.0.2.9").network.is_relay);
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone.mmdb");
    let gone = gone.to_str().unwrap();
    let error = locate([gone, "also-gone"]).unwrap_err();
    assert_eq!(error.faults().len(), 2);
    assert!(error.to_string().starts_with(&format!("{gone}: cannot be read: ")), "{error}");
    let late = Enricher::open_files(&[Located::new(gone, SourceKind::Database)]).unwrap_err();
    assert!(late.to_string().starts_with(&format!("{gone}: cannot be read: ")), "{late}");
    let no_file = Enricher::open_files(&[Located::new(folder.path(), SourceKind::Database)]).unwrap_err();
    assert!(no_file.to_string().contains(": "), "{no_file}");
}
