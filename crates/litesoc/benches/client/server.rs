//! A server that acknowledges everything and does nothing else, in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const ANSWER: &[u8] =
    b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 35\r\n\r\n{\"success\":true,\"status\":\"queued\"}\n";

/// Serves until the process is killed; waits `delay_us` before each answer.
pub(crate) fn serve(delay_us: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        std::thread::spawn(move || answer(stream, Duration::from_micros(delay_us)));
    }
}

fn answer(mut stream: TcpStream, delay: Duration) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut filled = 0;
    loop {
        let head = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().unwrap());
            let end = head + 4 + length;
            if filled >= end {
                buffer.copy_within(end..filled, 0);
                filled -= end;
                if !delay.is_zero() {
                    std::thread::sleep(delay);
                }
                if stream.write_all(ANSWER).is_err() {
                    return;
                }
                continue;
            }
        }
        match stream.read(&mut buffer[filled..]) {
            Ok(0) | Err(_) => return,
            Ok(count) => filled += count,
        }
    }
}

/// The server in a child process, which is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(delay_us: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--server", &delay_us.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: format!("http://{}", line.trim()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
