//! Rules about exchanges that fail: once, in time, and with the right kind of error.

use std::net::TcpListener;
use std::time::Duration;

use super::{Make, PROMPT, SHORT, Verdict, answer, broken, ensure, limited, only, request, seen, told};
use crate::testing::server::{Answer, HostileServer};
use crate::transport::{MAX_RESPONSE_BYTES, Transport, TransportErrorKind};

pub(super) async fn one_attempt(make: Make<'_>) -> Verdict {
    // On a fresh connection and on one that has served before: stacks like to repeat what a kept connection lost.
    for (method, before) in [("POST", 0), ("POST", 1), ("GET", 0), ("GET", 1)] {
        let script: Vec<_> = (0..before).map(|_| Answer::default()).chain([Answer::hang_up()]).collect();
        let server = HostileServer::start(script);
        let transport = make();
        for _ in 0..before {
            answer(transport.send(request("POST", &server.url("/first"), "{}")).await, "an answer")?;
        }
        let outcome = transport.send(request(method, &server.url("/lost"), "")).await;
        let sent = server.requests().iter().filter(|received| received.target() == "/lost").count();
        ensure(sent == 1, &format!("a {method} at the server once"), || format!("{sent} times"))?;
        let closed = kind(&outcome) == Some(TransportErrorKind::Closed);
        ensure(closed, &format!("Closed for the lost answer to a {method}"), || told(&outcome))?;
    }
    let server = HostileServer::start(Answer::status(503).header("retry-after", "0").body("{}"));
    answer(make().send(request("POST", &server.url("/"), "{}")).await, "status 503")?;
    only(&server).map(drop)
}

fn kind<T>(outcome: &Result<T, crate::transport::TransportError>) -> Option<TransportErrorKind> {
    outcome.as_ref().err().map(crate::transport::TransportError::kind)
}

pub(super) async fn refused(make: Make<'_>) -> Verdict {
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    let address = address.expect("a free loopback port");
    let outcome = make().send(request("POST", &format!("http://{address}/"), "{}")).await;
    ensure(kind(&outcome) == Some(TransportErrorKind::Connect), "Connect: nobody listens", || told(&outcome))
}

pub(super) async fn cut(make: Make<'_>) -> Verdict {
    let cases = [
        ("before the answer", Answer::hang_up()),
        ("within the head", Answer::raw("HTTP/1.1 200 OK\r\nconte")),
        ("before the body", Answer::ok("0123456789").cut_after(0)),
        ("within the body", Answer::ok(vec![b'x'; 100_000]).cut_after(50_000)),
        ("within the chunks", Answer::ok("0123456789").chunked(4).cut_after(8)),
        ("within a chunk", Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nhalf")),
        ("before the length it claimed", Answer::ok("0123456789").claiming_length(11).then_close()),
    ];
    for (place, scripted) in cases {
        let server = HostileServer::start([scripted]);
        let outcome = make().send(request("POST", &server.url("/"), "{}")).await;
        let expected = format!("Closed: the connection ended {place}");
        ensure(kind(&outcome) == Some(TransportErrorKind::Closed), &expected, || told(&outcome))?;
        only(&server)?;
    }
    Ok(())
}

pub(super) async fn garbage(make: Make<'_>) -> Verdict {
    let cases = [
        ("something else", "SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n"),
        ("binary", "\u{0}\u{1}\u{2}\u{16}\u{3}\u{1}\r\n\r\n"),
        ("a status of letters", "HTTP/1.1 abc OK\r\n\r\n"),
        ("a length of letters", "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}"),
    ];
    let transport = make();
    for (what, bytes) in cases {
        let server = HostileServer::start([Answer::raw(bytes)]);
        let outcome = transport.send(request("POST", &server.url("/"), "{}")).await;
        let expected = format!("Protocol: the answer is {what}");
        ensure(kind(&outcome) == Some(TransportErrorKind::Protocol), &expected, || told(&outcome))?;
    }
    // Once the head is read, many stacks do not tell a body that makes no sense from one that ended early.
    let bad_chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
    let server = HostileServer::start([Answer::raw(bad_chunk)]);
    let outcome = transport.send(request("POST", &server.url("/"), "{}")).await;
    let either =
        [Some(TransportErrorKind::Protocol), Some(TransportErrorKind::Closed)].contains(&kind(&outcome));
    ensure(either, "Protocol or Closed: the size of a chunk is letters", || told(&outcome))
}

pub(super) async fn too_long(make: Make<'_>) -> Verdict {
    let transport = make();
    let cases = [
        (
            "claims more than MAX_RESPONSE_BYTES",
            Answer::ok(vec![b'x'; 4_096]).claiming_length(MAX_RESPONSE_BYTES as u64 + 1).endless(),
        ),
        ("has chunks without end", Answer::ok(vec![b'x'; 4_096]).chunked(4_096).endless()),
        ("has no length and no end", Answer::ok(vec![b'x'; 4_096]).until_close().endless()),
    ];
    for (what, scripted) in cases {
        let server = HostileServer::start([scripted]);
        let outcome = transport.send(request("GET", &server.url("/"), "")).await;
        let expected = format!("Protocol: the body {what}");
        ensure(kind(&outcome) == Some(TransportErrorKind::Protocol), &expected, || told(&outcome))?;
        seen(&server, "the connection ends with the error", |counts| counts.hang_ups == 1).await?;
    }
    Ok(())
}

pub(super) async fn stall(make: Make<'_>) -> Verdict {
    ends_in_time(make, Answer::stall()).await
}

pub(super) async fn drip(make: Make<'_>) -> Verdict {
    // Each byte comes in time; all of them would take a minute.
    let pause = Duration::from_millis(20);
    ends_in_time(make, Answer::ok(vec![b'x'; 3_000]).drip(pause)).await?;
    ends_in_time(make, Answer::ok(vec![b'x'; 3_000]).chunked(1).drip(pause)).await
}

/// Sends with a limit, drops the future a little after it, and looks at what the server sees.
async fn ends_in_time(make: Make<'_>, slow: Answer) -> Verdict {
    let server = HostileServer::start([slow]);
    let transport = make();
    let sent = transport.send(limited(request("POST", &server.url("/"), "{}"), SHORT));
    if let Ok(outcome) = tokio::time::timeout(SHORT * 2, sent).await {
        ensure(
            kind(&outcome) == Some(TransportErrorKind::Timeout),
            "Timeout, or no outcome before the drop",
            || told(&outcome),
        )?;
    }
    seen(&server, "the connection ends with the limit or the drop", |counts| counts.hang_ups >= 1).await?;
    let next = tokio::time::timeout(PROMPT, transport.send(request("POST", &server.url("/"), "{}"))).await;
    match next {
        Ok(outcome) => answer(outcome, "an answer to the next request").map(drop),
        Err(_) => broken("an answer to the next request", format!("nothing for {PROMPT:?}")),
    }
}
