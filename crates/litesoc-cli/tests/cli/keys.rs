//! `litesoc key` on a data folder.

use std::fs;

use crate::command::{document, litesoc, text};

#[test]
fn a_key_is_shown_once_listed_by_its_prefix_and_revoked_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let key = |arguments: &[&str]| {
        litesoc().arg("key").args(arguments).arg("--data").arg(folder.path()).output().unwrap()
    };
    let made = document(&key(&["create", "--name", "web", "--plan", "pro", "--json"]));
    let (secret, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert!(secret.starts_with("lsoc_live_"));

    let listed = key(&["list", "--json"]);
    assert!(!text(&listed.stdout).contains(secret));
    let listed = document(&listed);
    let row = &listed["data"][0];
    assert_eq!(
        (row["id"].as_str(), row["name"].as_str(), row["plan"].as_str()),
        (Some(id), Some("web"), Some("pro"))
    );
    assert!(row["revoked_at"].is_null());
    assert!(secret.starts_with(row["prefix"].as_str().unwrap()));

    assert_eq!(text(&key(&["revoke", id]).stdout), format!("revoked {id}\n"));
    assert_eq!(key(&["revoke", id]).status.code(), Some(5));
    assert!(!document(&key(&["list", "--json"]))["data"][0]["revoked_at"].is_null());

    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "the key is on disk");
    }
}

#[test]
fn several_organizations_have_to_be_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let key = |arguments: &[&str]| {
        litesoc().arg("key").args(arguments).arg("--data").arg(folder.path()).output().unwrap()
    };
    let first = document(&key(&["create", "--new-organization", "one", "--json"]));
    document(&key(&["create", "--new-organization", "two", "--json"]));
    assert_eq!(key(&["create"]).status.code(), Some(2));
    let organization = first["organization"].as_str().unwrap();
    let again = document(&key(&["create", "--organization", organization, "--json"]));
    assert_eq!(again["organization"], first["organization"]);
    assert_eq!(document(&key(&["list", "--json"]))["data"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_folder_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let output = litesoc().args(["key", "list", "--data"]).arg(&absent).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(!absent.exists());
}
