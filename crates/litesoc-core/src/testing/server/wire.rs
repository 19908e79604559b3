//! Reading requests off a connection, byte for byte.

use std::io::{self, Read};

use bytes::Bytes;

/// The longest head that is read, in bytes.
const MAX_HEAD: usize = 1024 * 1024;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    connection: usize,
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Bytes,
}

impl Received {
    /// The number of the connection it came over, counted from 0.
    #[must_use]
    pub const fn connection(&self) -> usize {
        self.connection
    }

    /// The method, letter for letter.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The request target, letter for letter: path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// All headers in their order: names in lower case, values as they came.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of the headers with this lower-case name, in their order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers().filter(move |(present, _)| *present == name).map(|(_, value)| value)
    }

    /// The first header with this lower-case name, if it is text.
    #[must_use]
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.header_values(name).next().and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The body, decoded if it came in chunks.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn with_body(self, body: Vec<u8>) -> Self {
        Self { body: Bytes::from(body), ..self }
    }
}

/// The bytes of one connection that have been read but not used.
pub(super) struct Reader<R> {
    stream: R,
    buffer: Vec<u8>,
}

impl<R: Read> Reader<R> {
    pub(super) const fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut block = [0; 16 * 1024];
        let read = self.stream.read(&mut block)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&block[..read]);
        Ok(())
    }

    /// Takes everything up to and including `end`.
    fn take_until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.buffer[searched..].windows(end.len()).position(|window| window == end) {
                let rest = self.buffer.split_off(searched + at + end.len());
                return Ok(std::mem::replace(&mut self.buffer, rest));
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            searched = self.buffer.len().saturating_sub(end.len() - 1);
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Reads the head of the next request.
    pub(super) fn head(&mut self, connection: usize) -> io::Result<Received> {
        let head = self.take_until(b"\r\n\r\n")?;
        let mut lines = head[..head.len() - 4].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut words = first.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let headers = lines
            .filter_map(|line| {
                let colon = line.iter().position(|byte| *byte == b':')?;
                let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
                Some((name, line[colon + 1..].trim_ascii().to_vec()))
            })
            .collect();
        Ok(Received { connection, method, target, headers, body: Bytes::new() })
    }

    /// Reads the body that `head` announces.
    pub(super) fn body(&mut self, head: &Received) -> io::Result<Vec<u8>> {
        if head.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return self.chunks();
        }
        let length = head.header("content-length").and_then(|length| length.parse().ok());
        self.take(length.unwrap_or(0))
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8_lossy(&self.take_until(b"\r\n")?).into_owned();
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16)
                .map_err(|_| io::ErrorKind::InvalidData)?;
            body.extend_from_slice(&self.take(size)?);
            self.take_until(b"\r\n")?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// Reads and forgets until the peer ends the connection.
    pub(super) fn drain(&mut self) {
        while self.fill().is_ok() {
            self.buffer.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_follow_each_other_on_one_connection() {
        let bytes: &[u8] =
            b"POST /a?b=c HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabcPATCH /d HTTP/1.1\r\n\
            transfer-encoding: chunked\r\nX-Two:  1 \r\nx-two: 2\r\n\r\n2\r\nhe\r\n3;ext\r\nllo\r\n0\r\n\r\n";
        let mut reader = Reader::new(bytes);
        let first = reader.head(0).unwrap();
        assert_eq!((first.method(), first.target(), first.header("host")), ("POST", "/a?b=c", Some("x")));
        assert_eq!(reader.body(&first).unwrap(), b"abc");
        let second = reader.head(0).unwrap();
        assert_eq!(second.header_values("x-two").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(reader.body(&second).unwrap(), b"hello");
        assert_eq!(reader.head(0).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
