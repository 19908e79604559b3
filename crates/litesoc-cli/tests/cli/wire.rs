//! Plain HTTP, so that a test of the server does not rest on our own client.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// One exchange on a connection of its own: status and body.
pub(crate) fn exchange(
    address: &str,
    key: &str,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<(u16, String)> {
    exchange_with(address, key, method, path, "", body)
}

/// The same with further headers, each with its line end.
pub(crate) fn exchange_with(
    address: &str,
    key: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {key}\r\n{headers}Content-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    match (status, answer.split_once("\r\n\r\n")) {
        (Some(status), Some((_, body))) => Ok((status, body.to_owned())),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
