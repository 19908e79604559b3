//! Signatures of events: the vectors, the forms of keys, the trap of times, and what a stranger's key is worth.

use litesoc_ledger::{
    canonical::{Object, Value},
    envelope::{Draft, EnvelopeView, leaf_hash},
    event::Event,
    signature::{
        self, AllowedKeys, InvalidPrivateKey, InvalidPublicKey, PrivateKey, PublicKey, SignatureFault,
        public_key_text, vault_public_key_text,
    },
    time::Moment,
};

use crate::common::{hash, list, private_key, text, vectors};

#[test]
fn the_sdk_signs_the_same_bytes_the_same_way() {
    let client = private_key("client");
    for vector in list(&vectors("canonical_events")) {
        let signed = text(vector, "signed_bytes_utf8");
        let signature = text(vector, "client_key_signature_base64");
        assert_eq!(client.sign(signed.as_bytes()), signature);
        assert!(signature::verify(signed.as_bytes(), signature, &client.public_key_text()).is_ok());
    }
}

#[test]
fn an_event_is_stored_in_the_form_that_was_signed() {
    let client = private_key("client");
    for vector in list(&vectors("canonical_events")) {
        let posted = Event::parse(vector["wire_event_sent_by_6_13_0"].to_string().as_bytes()).unwrap();
        let signature = text(vector, "client_key_signature_base64");
        let settled = signature::settle(posted, &["timestamp"], signature, &client.public_key_text());
        if text(vector, "name").contains("naive") {
            assert_eq!(settled, Err(SignatureFault::Mismatch), "nobody can know the zone of that machine");
        } else {
            assert_eq!(settled.unwrap().to_canonical(), text(vector, "signed_bytes_utf8"));
        }
    }
}

#[test]
fn keys_in_three_forms_and_no_other() {
    let vector = vectors("signatures");
    let signature = text(&vector, "signature_base64");
    let event = text(&vector, "signed_bytes_utf8");
    let mut passed = Vec::new();
    for form in list(&vector["public_key_forms"]) {
        let Some(key) = form["public_key"].as_str() else { continue };
        let verdict = signature::verify(event.as_bytes(), signature, key);
        let everybody =
            form["python_signature_verification"] == "pass" && form["node_signature_verification"] == "pass";
        assert_eq!(verdict.is_ok(), everybody, "{}", form["form"]);
        if verdict.is_ok() {
            passed.push(text(form, "form").to_owned());
            let event = Event::parse(vector["event"].to_string().as_bytes()).unwrap();
            let draft = Draft::new(event).signed(signature, key);
            let time = Moment::parse_exact("2025-01-01T00:00:01.000000Z").unwrap();
            assert_eq!(draft.prepare().unwrap().seal(time).leaf_hash, hash(form, "envelope_hash"));
        }
        if form["form"] == "wrong_key_pem" {
            assert_eq!(verdict, Err(SignatureFault::Mismatch));
        }
    }
    assert_eq!(
        passed,
        ["json_with_pem_as_sent_by_sdk_default", "json_with_extra_public_key_info", "pem", "raw_base64"]
    );
    let tampered = event.replace("signed event", "another event");
    let key = private_key("client").public_key_text();
    assert_eq!(signature::verify(tampered.as_bytes(), signature, &key), Err(SignatureFault::Mismatch));
}

#[test]
fn the_key_texts_of_the_sdk_and_of_a_signing_server() {
    let vector = vectors("signatures");
    let client = private_key("client");
    let forms = list(&vector["public_key_forms"]);
    assert_eq!(client.public_key_text(), text(&forms[0], "public_key"));
    let further =
        Object::from([("owner".to_owned(), Value::from("payments")), ("note".to_owned(), Value::from("é"))]);
    assert_eq!(public_key_text(&client.public_key(), &further), text(&forms[1], "public_key"));
    let masked = Object::from([("key".to_owned(), Value::from("another"))]);
    assert_eq!(public_key_text(&client.public_key(), &masked), text(&forms[0], "public_key"));

    let vault = &vector["vault_style"];
    let key = private_key("vault");
    let id = "pvi_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let key_text = vault_public_key_text(&key.public_key(), id, 1);
    assert_eq!(key_text, text(&vault["envelope"], "public_key"));
    let event = Event::parse(vault["envelope"]["event"].to_string().as_bytes()).unwrap();
    let signature = key.sign(event.to_canonical().as_bytes());
    assert_eq!(signature, text(&vault["envelope"], "signature"));
    assert_eq!(leaf_hash(vault["envelope"].to_string().as_bytes()).unwrap(), hash(vault, "hash"));
    let time = Moment::parse_exact(text(&vault["envelope"], "received_at")).unwrap();
    let sealed = Draft::new(event).signed(signature, key_text).prepare().unwrap().seal(time);
    assert_eq!(sealed.leaf_hash, hash(vault, "hash"));
    let view = EnvelopeView::read(&sealed.bytes).unwrap();
    let (signature, public_key) = view.signature.unwrap();
    assert!(signature::verify(view.event.as_bytes(), &signature, &public_key).is_ok());
}

/// L W3: an event signed by a stranger's key verifies, and still is no event of the one it should be of.
#[test]
fn a_strangers_key_is_told_when_the_verifier_knows_whom_it_expects() {
    let (client, stranger) = (private_key("client"), private_key("other"));
    let event = b"{\"message\":\"transfer\"}";
    let (signature, key) = (stranger.sign(event), stranger.public_key_text());
    assert!(AllowedKeys::Any.verify(event, &signature, &key).is_ok());
    let only = AllowedKeys::Only(vec![client.public_key()]);
    assert!(matches!(only.verify(event, &signature, &key), Err(SignatureFault::Stranger { .. })));
    assert!(only.verify(event, &client.sign(event), &client.public_key_text()).is_ok());
}

#[test]
fn what_is_no_public_key() {
    let pem = private_key("client").public_key().to_pem();
    let json = |key: &str| Value::from(Object::from([("key".to_owned(), Value::from(key))])).to_canonical();
    assert!(PublicKey::parse(&json(&pem)).is_ok());
    assert_eq!(PublicKey::parse(&pem.replace('\n', "\r\n")), PublicKey::parse(&pem));
    assert_eq!(PublicKey::parse(pem.trim_end()), PublicKey::parse(&pem));
    let cases = [
        (String::new(), InvalidPublicKey::Form),
        ("AAAA".to_owned(), InvalidPublicKey::Form),
        (pem.replace("-----END", "----END"), InvalidPublicKey::Form),
        (format!("{pem}more"), InvalidPublicKey::Form),
        (format!(" {pem}"), InvalidPublicKey::Form),
        (pem.replace("MCowBQYDK2Vw", "MCowBQYDK2Vv"), InvalidPublicKey::Algorithm),
        (json(&json(&pem)), InvalidPublicKey::Form),
        ("{}".to_owned(), InvalidPublicKey::Form),
        ("{".to_owned(), InvalidPublicKey::Form),
        (r#"{"algorithm":"RSA","key":"x"}"#.to_owned(), InvalidPublicKey::Algorithm),
        ("A".repeat(5_000), InvalidPublicKey::Length),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned(), InvalidPublicKey::Point),
        ("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned(), InvalidPublicKey::Point),
    ];
    for (text, fault) in cases {
        assert_eq!(PublicKey::parse(&text), Err(fault), "{text:.80}");
    }
    let signed = private_key("client").sign(b"x");
    for bad in ["", "AAAA", signed.trim_end_matches('='), &signed.replace('=', "A")] {
        assert_eq!(signature::verify(b"x", bad, &pem), Err(SignatureFault::Form));
    }
}

#[test]
fn private_keys_are_read_from_the_files_people_have() {
    let key = PrivateKey::from_seed([7; 32]);
    assert_eq!(PrivateKey::from_pem(&key.to_pem()).unwrap().public_key(), key.public_key());
    assert!(!format!("{key:?}").contains("BwcHBw"), "no secret in Debug");
    // Made by ssh-keygen for this test, and used nowhere.
    let openssh = include_str!("../vectors/openssh_key.txt");
    let public = include_str!("../vectors/openssh_key.pub.txt");
    let found = PrivateKey::from_pem(openssh).unwrap();
    assert_eq!(found.public_key().to_base64(), public.trim());
    let cases = [
        ("", InvalidPrivateKey::Form),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", InvalidPrivateKey::Encrypted),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", InvalidPrivateKey::Algorithm),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            InvalidPrivateKey::Form,
        ),
    ];
    for (text, fault) in cases {
        assert_eq!(PrivateKey::from_pem(text).unwrap_err(), fault);
    }
    for cut in 0..openssh.len() {
        let _ = PrivateKey::from_pem(&openssh[..cut]);
    }
}
