//! Rules about complete answers: they are `Ok`, whatever they say, and nothing of them is lost.

use super::{Make, Verdict, answer, broken, ensure, only, request, told};
use crate::testing::server::{Answer, HostileServer, Script};
use crate::transport::{MAX_RESPONSE_BYTES, Transport};

/// Bytes without a short period, so that a lost or repeated block shows.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(step).collect()
}

pub(super) async fn every_status(make: Make<'_>) -> Verdict {
    const STATUSES: [u16; 20] =
        [200, 201, 202, 204, 226, 299, 300, 304, 400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 599];
    let answer_of = |status| match status {
        204 | 304 => Answer::status(status),
        _ => Answer::status(status).header("retry-after", "0").body("{}"),
    };
    let server = HostileServer::start(STATUSES.map(answer_of).to_vec());
    let transport = make();
    for status in STATUSES {
        let expected = format!("status {status}, as answered");
        let response = answer(transport.send(request("POST", &server.url("/"), "{}")).await, &expected)?;
        ensure(response.status() == status, &expected, || format!("status {}", response.status()))?;
        let length = if matches!(status, 204 | 304) { 0 } else { 2 };
        ensure(response.body().len() == length, &format!("{length} bytes with status {status}"), || {
            format!("{} bytes", response.body().len())
        })?;
    }
    let requests = server.counts().requests;
    ensure(requests == STATUSES.len(), "one request for each call, whatever the status", || {
        format!("{requests} requests for {} calls", STATUSES.len())
    })
}

pub(super) async fn whole_body(make: Make<'_>) -> Verdict {
    type Framed = fn(Answer) -> Answer;
    let transport = make();
    let shapes: [(&str, Framed); 4] = [
        ("a content-length", |answer| answer),
        ("chunks of 7 bytes", |answer| answer.chunked(7)),
        ("chunks of 5,000 bytes", |answer| answer.chunked(5_000)),
        ("the end of the connection", Answer::until_close),
    ];
    for length in [0, 1, 8_192, 300_000] {
        let body = noise(length);
        for (shape, framed) in shapes {
            let server = HostileServer::start(framed(Answer::ok(body.clone())));
            let expected = format!("{length} bytes, their end told by {shape}");
            let response = answer(transport.send(request("GET", &server.url("/"), "")).await, &expected)?;
            ensure(response.body() == &body, &expected, || {
                let same = response.body().iter().zip(&body).take_while(|(a, b)| a == b).count();
                format!("{} bytes, {same} of them right", response.body().len())
            })?;
        }
    }
    Ok(())
}

pub(super) async fn longest_body(make: Make<'_>) -> Verdict {
    let server = HostileServer::start(Answer::ok(vec![b' '; MAX_RESPONSE_BYTES]));
    let outcome = make().send(request("GET", &server.url("/"), "")).await;
    let whole = outcome.as_ref().is_ok_and(|response| response.body().len() == MAX_RESPONSE_BYTES);
    ensure(whole, "a body of exactly MAX_RESPONSE_BYTES", || told(&outcome))
}

pub(super) async fn headers(make: Make<'_>) -> Verdict {
    const SENT: [(&str, &[u8]); 7] = [
        ("x-ratelimit-remaining", b"0"),
        ("retry-after", b"Wed, 21 Oct 2026 07:28:00 GMT"),
        ("link", b"<https://a.example/?b=c>; rel=\"next\""),
        ("link", b"<https://d.example/>; rel=\"last\", more"),
        ("x-empty", b""),
        ("x-latin", b"caf\xe9"),
        ("content-encoding", b"identity"),
    ];
    let scripted = SENT.iter().fold(Answer::ok("{}"), |answer, (name, value)| answer.header(name, value));
    let server = HostileServer::start(scripted);
    let response =
        answer(make().send(request("GET", &server.url("/"), "")).await, "an answer with many headers")?;
    for (name, _) in SENT {
        let expected: Vec<_> =
            SENT.iter().filter(|(sent, _)| *sent == name).map(|(_, value)| *value).collect();
        let seen: Vec<_> = response.headers().get_all(name).iter().map(http::HeaderValue::as_bytes).collect();
        ensure(seen == expected, &format!("header {name} as answered"), || format!("{seen:?}"))?;
    }
    Ok(())
}

pub(super) async fn informational(make: Make<'_>) -> Verdict {
    let expected = "status 200 after 103 and 100";
    let server = HostileServer::start(Answer::ok("{}").after_informational(103).after_informational(100));
    let response = answer(make().send(request("GET", &server.url("/"), "")).await, expected)?;
    ensure(response.status() == 200, expected, || format!("status {}", response.status()))
}

pub(super) async fn early(make: Make<'_>) -> Verdict {
    let expected = "status 413, which the server sent before it read the body";
    let server = HostileServer::start(Script::from(Answer::status(413).body("{}")).before_body());
    let outcome = make().send(request("POST", &server.url("/"), vec![b' '; 1024 * 1024])).await;
    let response = answer(outcome, expected)?;
    ensure(response.status() == 413, expected, || format!("status {}", response.status()))
}

pub(super) async fn redirects(make: Make<'_>) -> Verdict {
    let transport = make();
    let elsewhere = HostileServer::start(Answer::default());
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST"] {
            let server = HostileServer::start(Answer::redirect(status, &elsewhere.url("/thief")));
            let expected = format!("status {status} as the answer to a {method}");
            let response = answer(transport.send(request(method, &server.url("/"), "")).await, &expected)?;
            ensure(response.status() == status, &expected, || format!("status {}", response.status()))?;
            only(&server)?;
        }
    }
    let followed = elsewhere.requests();
    if let Some(received) = followed.first() {
        let key =
            if received.header("x-api-key").is_some() { "with the API key" } else { "without the API key" };
        return broken("no contact with the redirect's target", format!("{} {key}", received.method()));
    }
    Ok(())
}
