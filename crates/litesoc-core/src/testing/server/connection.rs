//! One connection of the hostile server: read, choose, answer, until either side ends it.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};

use super::Shared;
use super::answer::{Answer, Framing, Kind};
use super::wire::Reader;

/// How much of an endless body is written at once, in bytes.
const ENDLESS_BLOCK: usize = 64 * 1024;

/// What becomes of the connection after an answer.
enum Next {
    Request,
    Close,
}

pub(super) fn serve(stream: TcpStream, number: usize, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let mut reader = Reader::new(&stream);
    loop {
        match exchange(&mut reader, &stream, number, shared) {
            Ok(Next::Request) => {}
            Ok(Next::Close) => break,
            Err(_) => {
                shared.record_hang_up();
                break;
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    shared.release(number);
}

fn exchange(
    reader: &mut Reader<&TcpStream>,
    stream: &TcpStream,
    number: usize,
    shared: &Shared,
) -> io::Result<Next> {
    let head = reader.head(number)?;
    if shared.before_body {
        let answer = shared.choose(&head);
        let next = reply(&answer, reader, stream, shared)?;
        let body = reader.body(&head)?;
        shared.record(head.with_body(body));
        return Ok(next);
    }
    let body = reader.body(&head)?;
    let received = head.with_body(body);
    let answer = shared.choose(&received);
    shared.record(received);
    reply(&answer, reader, stream, shared)
}

fn reply(
    answer: &Answer,
    reader: &mut Reader<&TcpStream>,
    mut stream: &TcpStream,
    shared: &Shared,
) -> io::Result<Next> {
    if let Some(time) = answer.delay
        && !shared.pause(time)
    {
        return Ok(Next::Close);
    }
    match &answer.kind {
        Kind::HangUp => Ok(Next::Close),
        Kind::Stall => {
            reader.drain();
            Err(io::ErrorKind::UnexpectedEof.into())
        }
        Kind::Raw(bytes) => {
            stream.write_all(bytes)?;
            Ok(Next::Close)
        }
        Kind::Http => {
            let mut wire = answer.head();
            if answer.drip.is_none() && !answer.endless {
                // In one write: a head and a body in two segments would let a slow test pass for the wrong reason.
                wire.extend(framed(answer));
                stream.write_all(&wire)?;
            } else {
                stream.write_all(&wire)?;
                write_slowly(answer, stream, shared)?;
            }
            Ok(if answer.close || answer.cut_after.is_some() { Next::Close } else { Next::Request })
        }
    }
}

fn framed(answer: &Answer) -> Vec<u8> {
    let whole = &answer.body[..];
    let sent = answer.cut_after.map_or(whole, |bytes| &whole[..bytes.min(whole.len())]);
    let Framing::Chunked(size) = answer.framing else { return sent.to_vec() };
    let mut out = Vec::with_capacity(sent.len() * 2);
    for chunk in sent.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    if answer.cut_after.is_none() {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    out
}

/// Writes a body that drips, that has no end, or both.
fn write_slowly(answer: &Answer, mut stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut block = framed(answer);
    if answer.endless {
        if matches!(answer.framing, Framing::Chunked(_)) {
            // Without the last chunk, which says that the body is over.
            block.truncate(block.len() - b"0\r\n\r\n".len());
        }
        if block.is_empty() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
    }
    loop {
        if let Some(pause) = answer.drip {
            for byte in &block {
                if !shared.pause(pause) {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                stream.write_all(std::slice::from_ref(byte))?;
            }
        } else {
            let repeated = block.repeat(ENDLESS_BLOCK.div_ceil(block.len()));
            stream.write_all(&repeated)?;
        }
        if !answer.endless {
            return Ok(());
        }
    }
}
