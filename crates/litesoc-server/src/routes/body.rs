//! Reads the body of a request, within its limits.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, EXPECT};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;

use crate::answer::Refusal;
use crate::config::Timeouts;

/// How much of a body that is too large is read and thrown away.
///
/// A client that writes its whole body before it reads would see a reset connection instead of the answer otherwise.
const MOST_DRAINED: u64 = 16 << 20;

/// The whole body of a request.
pub(crate) async fn read(
    request: Request<Body>,
    limit: usize,
    timeouts: &Timeouts,
) -> Result<Bytes, Refusal> {
    let (parts, body) = request.into_parts();
    if announced(&parts.headers).is_some_and(|length| length > limit as u64) {
        // Whoever asks before he sends is told not to; reading on would tell him to go ahead.
        if !parts.headers.contains_key(EXPECT) {
            drain_later(body, timeouts.body);
        }
        return Err(Refusal::too_large(limit));
    }
    match tokio::time::timeout(timeouts.body, collect(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(Fault::TooLarge(body))) => {
            drain_later(body, timeouts.body);
            Err(Refusal::too_large(limit))
        }
        Ok(Err(Fault::Broken)) => Err(Refusal::broken_body()),
        Err(_) => Err(Refusal::slow_body()),
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

enum Fault {
    TooLarge(Body),
    Broken,
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Fault> {
    let Some(first) = next_data(&mut body).await? else { return Ok(Bytes::new()) };
    // Most bodies come in one piece, which is then used as it is.
    let Some(second) = next_data(&mut body).await? else {
        return if first.len() > limit { Err(Fault::TooLarge(body)) } else { Ok(first) };
    };
    let mut whole = BytesMut::with_capacity(2 * (first.len() + second.len()));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while whole.len() <= limit {
        match next_data(&mut body).await? {
            Some(data) => whole.extend_from_slice(&data),
            None => return Ok(whole.freeze()),
        }
    }
    Err(Fault::TooLarge(body))
}

async fn next_data(body: &mut Body) -> Result<Option<Bytes>, Fault> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Fault::Broken)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Reads on beside the answer, for a while.
fn drain_later(mut body: Body, at_most: Duration) {
    tokio::spawn(tokio::time::timeout(at_most, async move {
        let mut drained = 0;
        while let Ok(Some(data)) = next_data(&mut body).await {
            drained += data.len() as u64;
            if drained > MOST_DRAINED {
                break;
            }
        }
    }));
}
