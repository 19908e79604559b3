//! Rules about connections: kept, given up, shared by nobody.

use std::net::{IpAddr, Ipv6Addr, TcpListener};

use super::{Make, PROMPT, Verdict, answer, broken, ensure, request, seen, told};
use crate::testing::server::{Answer, HostileServer, Script};
use crate::transport::Transport;

pub(super) async fn keep_alive(make: Make<'_>) -> Verdict {
    let server = HostileServer::start([
        Answer::default(),
        Answer::status(204),
        Answer::status(500).body("{}"),
        Answer::ok("chunked").chunked(3),
        Answer::redirect(307, "http://127.0.0.1:1/").body("elsewhere"),
        Answer::status(304),
        Answer::ok(vec![b' '; 100_000]),
        Answer::default(),
    ]);
    let transport = make();
    for number in 1..=8 {
        let outcome = transport.send(request("POST", &server.url("/"), "{}")).await;
        answer(outcome, &format!("an answer to request {number} of 8 in sequence"))?;
    }
    let connections = server.counts().connections;
    ensure(connections == 1, "8 requests in sequence over 1 connection", || {
        format!("{connections} connections")
    })
}

pub(super) async fn announced_close(make: Make<'_>) -> Verdict {
    let server = HostileServer::start(Answer::ok("{}").header("connection", "close").then_close());
    let transport = make();
    for number in 1..=4 {
        let outcome = transport.send(request("POST", &server.url("/"), "{}")).await;
        answer(
            outcome,
            &format!("an answer to request {number}: the one before it said `connection: close`"),
        )?;
    }
    Ok(())
}

pub(super) async fn silent_close(make: Make<'_>) -> Verdict {
    let server = HostileServer::start(Answer::ok("{}").then_close());
    let transport = make();
    let mut failed_before = false;
    for number in 0..6 {
        let target = format!("/{number}");
        let outcome = transport.send(request("POST", &server.url(&target), "{}")).await;
        if let Err(error) = &outcome {
            ensure(
                error.is_retryable() && !failed_before,
                "at most one retryable error for a dead connection",
                || told(&outcome),
            )?;
        }
        failed_before = outcome.is_err();
        let arrived = server.requests().iter().filter(|received| received.target() == target).count();
        ensure(arrived <= 1, "a request is never sent twice", || format!("{arrived} times POST {target}"))?;
        ensure(arrived == 1 || outcome.is_err(), "an answer only to what was sent", || told(&outcome))?;
    }
    Ok(())
}

pub(super) async fn concurrency(make: Make<'_>) -> Verdict {
    let server = HostileServer::start(Script::computed(|received| match received.target() {
        "/stall" => Answer::stall(),
        _ => Answer::default(),
    }));
    let transport = make();
    let stalled = transport.send(super::limited(request("POST", &server.url("/stall"), "{}"), PROMPT));
    let others = async {
        seen(&server, "the first request at the server", |counts| counts.requests == 1).await?;
        for _ in 0..3 {
            let quick = transport.send(request("POST", &server.url("/quick"), "{}"));
            let Ok(outcome) = tokio::time::timeout(PROMPT / 2, quick).await else {
                return broken("an answer while another request waits for its own", "nothing");
            };
            answer(outcome, "an answer while another request waits for its own")?;
        }
        Ok(())
    };
    tokio::select! {
        biased;
        verdict = others => verdict,
        outcome = stalled => broken("an answer to the others while the first request waits", told(&outcome)),
    }
}

pub(super) async fn ipv6(make: Make<'_>) -> Verdict {
    let host = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if TcpListener::bind((host, 0)).is_err() {
        // This machine has no IPv6 at all: nothing can be said about the transport.
        return Ok(());
    }
    let server = HostileServer::start_on(host, Answer::default());
    answer(make().send(request("POST", &server.url("/"), "{}")).await, "an answer from [::1]").map(drop)
}
