//! One answer of the hostile server, with its faults.

use std::time::Duration;

/// How the end of a body is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Framing {
    /// A `content-length` header, true or not.
    Length(Option<u64>),
    /// Chunks of so many bytes.
    Chunked(usize),
    /// The end of the connection.
    UntilClose,
}

/// What happens instead of an ordinary answer.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Http,
    HangUp,
    Stall,
    Raw(Vec<u8>),
}

/// What one request is answered with: a status, headers and a body, and what goes wrong with them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use litesoc_core::testing::server::Answer;
///
/// let slow = Answer::status(202).body("{}").delay(Duration::from_millis(20)).drip(Duration::from_millis(5));
/// let broken = Answer::status(200).body("half of it").cut_after(4);
/// # let _ = (slow, broken);
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) kind: Kind,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) framing: Framing,
    pub(super) informational: Vec<u16>,
    pub(super) delay: Option<Duration>,
    pub(super) drip: Option<Duration>,
    pub(super) cut_after: Option<usize>,
    pub(super) endless: bool,
    pub(super) close: bool,
}

impl Answer {
    /// A status, no headers, no body.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self {
            kind: Kind::Http,
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length(None),
            informational: Vec::new(),
            delay: None,
            drip: None,
            cut_after: None,
            endless: false,
            close: false,
        }
    }

    /// Status 200 with a body.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(body)
    }

    /// Reads the request and closes the connection without a word.
    #[must_use]
    pub fn hang_up() -> Self {
        Self { kind: Kind::HangUp, ..Self::status(200) }
    }

    /// Reads the request and says nothing until the peer gives up.
    #[must_use]
    pub fn stall() -> Self {
        Self { kind: Kind::Stall, ..Self::status(200) }
    }

    /// Writes these bytes as they are and closes the connection.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind: Kind::Raw(bytes.into()), ..Self::status(200) }
    }

    /// Sends the peer elsewhere.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// Adds a header. The value may hold any bytes that a header line can.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sends the body in chunks of `size` bytes (at least one).
    #[must_use]
    pub fn chunked(self, size: usize) -> Self {
        Self { framing: Framing::Chunked(size.max(1)), ..self }
    }

    /// Says nothing about the body's length: it ends with the connection.
    #[must_use]
    pub fn until_close(self) -> Self {
        Self { framing: Framing::UntilClose, close: true, ..self }
    }

    /// Claims another body length than the true one.
    #[must_use]
    pub fn claiming_length(self, length: u64) -> Self {
        Self { framing: Framing::Length(Some(length)), ..self }
    }

    /// Sends an informational answer (such as 103) first.
    #[must_use]
    pub fn after_informational(mut self, status: u16) -> Self {
        self.informational.push(status);
        self
    }

    /// Waits before the first byte of the answer.
    #[must_use]
    pub fn delay(self, time: Duration) -> Self {
        Self { delay: Some(time), ..self }
    }

    /// Sends the body one byte at a time with a pause before each.
    #[must_use]
    pub fn drip(self, pause: Duration) -> Self {
        Self { drip: Some(pause), ..self }
    }

    /// Closes the connection after so many bytes of the body.
    #[must_use]
    pub fn cut_after(self, bytes: usize) -> Self {
        Self { cut_after: Some(bytes), ..self }
    }

    /// Repeats the body until the peer gives up.
    #[must_use]
    pub fn endless(self) -> Self {
        Self { endless: true, ..self }
    }

    /// Closes the connection after the answer without having said so.
    #[must_use]
    pub fn then_close(self) -> Self {
        Self { close: true, ..self }
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(256);
        for status in &self.informational {
            // RFC 9110, section 15.2.1: a 100 has nothing to say beyond its status; a 103 is all headers.
            let hint = if *status == 103 { "link: </style.css>; rel=preload\r\n" } else { "" };
            head.extend_from_slice(format!("HTTP/1.1 {status} Informational\r\n{hint}\r\n").as_bytes());
        }
        head.extend_from_slice(format!("HTTP/1.1 {} Scripted\r\n", self.status).as_bytes());
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        match self.framing {
            // RFC 9110, section 8.6: no content-length in a 204.
            Framing::Length(None) if self.status == 204 => {}
            Framing::Length(claimed) => {
                let length = claimed.unwrap_or(self.body.len() as u64);
                head.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
            }
            Framing::Chunked(_) => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
            Framing::UntilClose => {}
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// Status 200 with the body `{}`.
impl Default for Answer {
    fn default() -> Self {
        Self::ok("{}")
    }
}
