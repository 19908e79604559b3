//! Rules about requests: the server gets what the caller gave.

use super::{KEY, Make, Verdict, answer, broken, ensure, only, request, told};
use crate::testing::server::{Answer, HostileServer};
use crate::transport::Transport;

pub(super) async fn line(make: Make<'_>) -> Verdict {
    let transport = make();
    for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
        for target in ["/", "/alerts/a%2Fb%20c", "/events?limit=10&actor=a%40b.c&q=%C3%A9+x", "/a//b;c=d/~e?"]
        {
            let server = HostileServer::start(Answer::default());
            let body = if matches!(method, "GET" | "DELETE") { "" } else { "{}" };
            let expected = format!("{method} {target}");
            answer(transport.send(request(method, &server.url(target), body)).await, &expected)?;
            let received = only(&server)?;
            let seen = format!("{} {}", received.method(), received.target());
            ensure(seen == expected, &expected, || seen.clone())?;
        }
    }
    Ok(())
}

pub(super) async fn headers(make: Make<'_>) -> Verdict {
    const SENT: [(&str, &[u8]); 5] = [
        ("user-agent", b"litesoc-rust/0.0.0"),
        ("x-api-key", KEY.as_bytes()),
        ("content-type", b"application/json"),
        ("x-twice", b"one, two"),
        ("x-twice", b"three"),
    ];
    /// Headers of HTTP itself, which a stack may add.
    const OWN: [&str; 5] = ["host", "content-length", "connection", "accept", "accept-encoding"];

    let server = HostileServer::start(Answer::default());
    let mut sent = http::Request::post(server.url("/collect")).body("{}".into()).expect("a valid request");
    for (name, value) in SENT {
        sent.headers_mut().append(name, http::HeaderValue::from_bytes(value).expect("a valid value"));
    }
    answer(make().send(sent).await, "an answer")?;
    let received = only(&server)?;
    for (name, _) in SENT {
        let expected: Vec<_> =
            SENT.iter().filter(|(sent, _)| *sent == name).map(|(_, value)| *value).collect();
        let seen: Vec<_> = received.header_values(name).collect();
        ensure(seen == expected, &format!("header {name} as given"), || format!("{} values", seen.len()))?;
    }
    let host = server.address().to_string();
    ensure(received.header("host") == Some(&host), &format!("one header host: {host}"), || {
        format!("{:?}", received.header("host"))
    })?;
    let known = |name: &str| OWN.contains(&name) || SENT.iter().any(|(sent, _)| *sent == name);
    match received.headers().find(|(name, _)| !known(name)) {
        Some((name, _)) => broken("no headers but the given ones and those of HTTP itself", name),
        None => Ok(()),
    }
}

pub(super) async fn body(make: Make<'_>) -> Verdict {
    let transport = make();
    for length in [0, 1, 34_000, 1024 * 1024] {
        let body: Vec<u8> = (0..length).map(|at| (at * 7 + at / 251) as u8).collect();
        let server = HostileServer::start(Answer::default());
        let expected = format!("a body of {length} bytes");
        answer(transport.send(request("POST", &server.url("/collect"), body.clone())).await, &expected)?;
        let received = only(&server)?;
        ensure(received.body() == &body, &expected, || format!("{} bytes", received.body().len()))?;
        let length_seen = received.header("content-length").and_then(|value| value.parse().ok());
        ensure(length == 0 || length_seen == Some(length), &format!("content-length: {length}"), || {
            format!("content-length {length_seen:?}")
        })?;
    }
    Ok(())
}

pub(super) async fn no_authority(make: Make<'_>) -> Verdict {
    let outcome = make().send(request("GET", "/path/only", "")).await;
    ensure(outcome.is_err(), "an error for a request that names no host", || told(&outcome))
}

pub(super) async fn secrets(make: Make<'_>) -> Verdict {
    const BODY: &str = "body_bytes_a91c";
    let transport = make();
    let echo = format!("garbage {KEY} {BODY}\r\n\r\n");
    let answers =
        [Answer::default(), Answer::hang_up(), Answer::raw(echo), Answer::ok("cut in two").cut_after(3)];
    let rounds = answers.len();
    let server = HostileServer::start(answers);
    for round in 0..=rounds {
        // The last round goes to an address that cannot be reached at all.
        let url = if round == rounds { "http://127.0.0.1:1/".to_owned() } else { server.url("/") };
        let outcome = transport.send(request("POST", &url, BODY)).await;
        let mut texts = vec![("Debug of the transport", format!("{transport:?}"))];
        if let Err(error) = &outcome {
            texts.push(("the error's text", error.to_string()));
            texts.push(("Debug of the error", format!("{error:?}")));
        }
        for (place, text) in texts {
            for (secret, name) in [(KEY, "the API key"), (BODY, "the body")] {
                ensure(!text.contains(secret), &format!("{place} without {name}"), || name.to_owned())?;
            }
        }
    }
    Ok(())
}
