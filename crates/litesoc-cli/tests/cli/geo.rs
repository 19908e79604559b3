//! `litesoc geo`: what the files know, and fetching new ones from a server that is not always well.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use litesoc::testing::server::{Answer, HostileServer, Script};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::command::{document, run, text};

const OVERRIDES: &str = r#"
[[network]]
name = "Oslo office"
networks = ["192.0.2.0/24"]
country = "NO"
city = "Oslo"
latitude = 59.91
longitude = 10.75
radius_km = 5
asn = 64500
"#;

/// A folder with a list and overrides.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder to write in");
    fs::write(folder.path().join("vpn.txt"), "198.51.100.0/24\n2001:db8::/32\n")
        .expect("a folder to write in");
    fs::write(folder.path().join("overrides.toml"), OVERRIDES).expect("a folder to write in");
    fs::write(folder.path().join("README.txt"), "not a list").expect("a folder to write in");
    folder
}

#[test]
fn status_tells_what_is_there_and_what_is_missing() {
    let folder = folder();
    let named = folder.path().to_str().unwrap();
    let told = document(&run(["geo", "status", "--geo", named, "--json"]));
    let kinds: Vec<&Value> = told["files"].as_array().unwrap().iter().map(|file| &file["kind"]).collect();
    assert_eq!(kinds, ["overrides", "vpn"]);
    assert_eq!((&told["files"][1]["networks"], &told["files"][1]["age_days"]), (&json!(2), &json!(0)));
    assert_eq!(told["coverage"]["ipv4"], json!(["vpn"]));
    let people = run(["geo", "status", "--geo", named]);
    let people = text(&people.stdout);
    for part in ["overrides.toml", "vpn.txt", "missing: no country, region", "impossible travel"] {
        assert!(people.contains(part), "{part} is not in\n{people}");
    }
    let nothing = text(&run(["geo", "status"]).stdout);
    assert!(nothing.starts_with("no files; name them with --geo"), "{nothing}");
}

#[test]
fn lookup_tells_what_is_known_and_why_it_is_suspicious() {
    let folder = folder();
    let named = folder.path().to_str().unwrap();
    let office = text(&run(["geo", "lookup", "192.0.2.9", "--geo", named]).stdout);
    insta::assert_snapshot!(office);
    let hidden = document(&run(["geo", "lookup", "2001:db8::1", "--geo", named, "--json"]));
    assert_eq!(hidden["known"]["threat_terms"], json!([{"reason": "vpn", "points": 25}]));
    let nothing = document(&run(["geo", "lookup", "9.9.9.9", "--json"]));
    assert_eq!(nothing["known"], Value::Null);
}

#[test]
fn files_that_cannot_be_used_are_told_with_every_fault() {
    let folder = folder();
    fs::write(folder.path().join("tor.txt"), "192.0.2.1\nnonsense\n").unwrap();
    fs::write(folder.path().join("city.mmdb"), "nonsense").unwrap();
    for command in [vec!["geo", "status"], vec!["serve", "--listen", "127.0.0.1:0", "--data", "unused"]] {
        let named = folder.path().to_str().unwrap();
        let output = run(command.into_iter().chain(["--geo", named]));
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(
            told.contains("tor.txt:2: ") && told.contains("city.mmdb: is no readable MMDB file"),
            "{told}"
        );
    }
    assert!(!Path::new("unused").exists(), "nothing was begun");
}

const LIST: &str = "198.51.100.0/24\n198.51.101.0/24\n";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a folder of the test's own");
    encoder.finish().expect("a folder of the test's own")
}

/// Files by their names, and what is in them.
type Held = Vec<(String, Vec<u8>)>;

/// What an update says that fetches one file, and what the folder holds afterwards, where an old list was before.
fn update(server: &HostileServer, name: &str, path: &str, more: &str) -> (Option<i32>, Value, Held) {
    let folder = tempfile::tempdir().expect("a folder of the test's own");
    let geo = folder.path().join("geo");
    fs::create_dir(&geo).expect("a folder of the test's own");
    fs::write(geo.join("vpn.txt"), "203.0.113.0/24\n").expect("a folder of the test's own");
    let config = folder.path().join("update.toml");
    let text = format!(
        "folder = {:?}\nlimit_mib = 1\n[[file]]\nname = {name:?}\nurl = {:?}\n{more}\n",
        geo.to_str().expect("a folder of the test's own"),
        server.url(path)
    );
    fs::write(&config, text).expect("a folder of the test's own");
    let output =
        run(["geo", "update", "--json", "--config", config.to_str().expect("a folder of the test's own")]);
    let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let mut files: Vec<_> = fs::read_dir(&geo)
        .expect("a folder of the test's own")
        .map(|entry| entry.expect("a folder of the test's own").path())
        .map(|path| {
            (
                path.file_name().expect("a folder of the test's own").to_string_lossy().into_owned(),
                fs::read(&path).expect("a folder of the test's own"),
            )
        })
        .collect();
    files.sort();
    (output.status.code(), told, files)
}

fn old() -> Held {
    vec![("vpn.txt".to_owned(), b"203.0.113.0/24\n".to_vec())]
}

fn new() -> Held {
    vec![("vpn.txt".to_owned(), LIST.as_bytes().to_vec())]
}

#[test]
fn a_file_is_fetched_checked_and_put_in_place() {
    let checksum = format!("sha256 = {:?}", sha256(LIST.as_bytes()));
    let server = HostileServer::start([Answer::ok(LIST)]);
    let (code, told, files) = update(&server, "vpn.txt", "/vpn.txt", &checksum);
    assert_eq!((code, files), (Some(0), new()), "{told}");
    assert_eq!(told["files"][0], json!({"name": "vpn.txt", "outcome": "updated", "networks": 2}));
    let request = &server.requests()[0];
    assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("litesoc/")));

    let gz = packed(LIST.as_bytes());
    let checksum = format!("sha256 = {:?}", sha256(&gz));
    let server = HostileServer::start([Answer::ok(gz).chunked(7)]);
    let (code, told, files) = update(&server, "vpn.txt", "/vpn.txt.gz?token=secret", &checksum);
    assert_eq!((code, files), (Some(0), new()), "{told}");

    let server = HostileServer::start([Answer::ok("203.0.113.0/24\n")]);
    let (code, told, files) = update(&server, "vpn.txt", "/vpn.txt", "checksum = \"none\"");
    assert_eq!((code, &told["files"][0]["outcome"], files), (Some(0), &json!("unchanged"), old()));
}

#[test]
fn a_checksum_can_lie_beside_the_file() {
    let line = format!("{}  vpn.txt\n", sha256(LIST.as_bytes()));
    for (sum, code) in [(line, Some(0)), ("<html>".to_owned(), Some(1))] {
        let answers = move |request: &litesoc::testing::server::Received| {
            if request.target() == "/vpn.sha256" { Answer::ok(sum.clone()) } else { Answer::ok(LIST) }
        };
        let server = HostileServer::start(Script::computed(answers));
        let beside = format!("sha256_url = {:?}", server.url("/vpn.sha256"));
        let (got, told, files) = update(&server, "vpn.txt", "/vpn.txt", &beside);
        assert_eq!(got, code, "{told}");
        assert_eq!(files, if code == Some(0) { new() } else { old() });
    }
}

#[test]
fn a_redirect_is_followed_and_an_endless_one_is_not() {
    let server = HostileServer::start([Answer::redirect(302, "/elsewhere"), Answer::ok(LIST)]);
    let (code, told, files) = update(&server, "vpn.txt", "/vpn.txt", "checksum = \"none\"");
    assert_eq!((code, files), (Some(0), new()), "{told}");

    let endless = Script::computed(|_| Answer::redirect(301, "/again"));
    let server = HostileServer::start(endless);
    let (code, told, files) = update(&server, "vpn.txt", "/vpn.txt", "checksum = \"none\"");
    assert_eq!((code, files), (Some(1), old()));
    assert!(told["files"][0]["error"].as_str().unwrap().contains("sixth address"), "{told}");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn whatever_goes_wrong_the_old_file_stays() {
    let cut = packed(&vec![b'#'; 1 << 20]);
    let bomb = packed(&vec![b'#'; 3 << 20]);
    let wrong = format!("sha256 = {:?}", sha256(b"something else"));
    let none = "checksum = \"none\"".to_owned();
    let database = "checksum = \"none\"\nkind = \"database\"".to_owned();
    let cases: [(&str, Answer, &str, &String); 14] = [
        ("wrong checksum", Answer::ok(LIST), "should have", &wrong),
        ("cut off", Answer::ok(LIST).cut_after(9), "", &none),
        ("less than announced", Answer::ok(LIST).claiming_length(99).then_close(), "", &none),
        ("packed and cut off", Answer::ok(&cut[..cut.len() / 2]), "cannot be unpacked", &none),
        ("a bomb", Answer::ok(bomb), "unpacked, which is the limit", &none),
        ("endless", Answer::ok(vec![b'#'; 4_096]).chunked(512).endless(), "which is the limit", &none),
        ("not there", Answer::status(404).body("<html>"), "answers 404 Not Found", &none),
        ("a page", Answer::ok("<!doctype html><html>"), "is a web page", &none),
        ("nonsense", Answer::ok("198.51.100.0/99\n"), "vpn.txt:1: ", &none),
        ("no database", Answer::ok("\u{0}\u{1}\u{2}"), "is no readable MMDB file", &database),
        ("empty", Answer::ok(""), "is empty", &none),
        ("leaves https", Answer::redirect(302, "http://lists.example/"), "must begin with https://", &none),
        ("leads nowhere", Answer::status(302), "sends on to an address that", &none),
        ("hangs up", Answer::hang_up(), "", &none),
    ];
    for (what, answer, told, more) in cases {
        let path = if what.contains("pack") || what.contains("bomb") {
            "/vpn.txt.gz?t=secret"
        } else {
            "/vpn.txt?t=secret"
        };
        let server = HostileServer::start([answer]);
        let (code, document, files) = update(&server, "vpn.txt", path, more);
        assert_eq!((code, files), (Some(1), old()), "{what}: {document}");
        let error = document["files"][0]["error"].as_str().unwrap();
        assert!(error.contains(told), "{what}: {error}");
        assert!(!error.contains("secret"), "{what}: {error}");
    }
}

#[test]
fn a_configuration_that_makes_no_sense_fetches_nothing() {
    let server = HostileServer::start([Answer::ok(LIST)]);
    let (code, told, files) = update(&server, "../vpn.txt", "/vpn.txt", "checksum = \"none\"");
    assert_eq!((code, told, files), (Some(2), Value::Null, old()));
    assert_eq!(server.requests().len(), 0);
    assert_eq!(run(["geo", "update", "--config", "gone.toml"]).status.code(), Some(2));
}
