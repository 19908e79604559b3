//! What a request costs: 34 kB posted in a closed loop to a trivial loopback server, over the transport, over
//! hyper-util's client, and over a bare socket.
//!
//! Prints requests per second and the CPU time of the client's thread (Linux only) for each 10,000 requests.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use litesoc_core::transport::Transport;
use litesoc_hyper::HyperTransport;

const BODY: usize = 34_000;
const REQUESTS: u32 = 10_000;
const ROUNDS: usize = 7;
const ANSWER: &[u8] =
    b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 35\r\n\r\n\
    {\"success\":true,\"status\":\"queued\"} ";

/// What one run of [`REQUESTS`] took, in seconds.
#[derive(Clone, Copy)]
struct Run {
    wall: f64,
    cpu: f64,
}

fn main() {
    let address = serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let body = Bytes::from(vec![b'x'; BODY]);
    let uri: http::Uri = format!("http://{address}/collect").parse().expect("a valid address");

    let transport = HyperTransport::builder().build();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);

    let mut bare = Vec::new();
    let mut event_loop = Vec::new();
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    // The contenders take turns, so that a busy moment of the machine hits all of them.
    for _ in 0..ROUNDS {
        bare.push(measure(|| bare_socket(address, &body)));
        event_loop.push(measure(|| runtime.block_on(bare_tokio_socket(address, &body))));
        ours.push(measure(|| {
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    let answer = transport.send(request(&uri, body.clone())).await.expect("an answer");
                    assert_eq!(answer.status(), 202);
                }
            });
        }));
        theirs.push(measure(|| {
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    let answer =
                        client.request(request(&uri, Full::new(body.clone()))).await.expect("an answer");
                    assert_eq!(answer.status(), 202);
                    answer.into_body().collect().await.expect("a body");
                }
            });
        }));
    }
    let reference = median(&bare);
    println!("{REQUESTS} requests of {BODY} bytes, median of {ROUNDS} rounds");
    for (name, runs) in [
        ("bare socket, blocking", &bare),
        ("bare socket, tokio", &event_loop),
        ("litesoc-hyper", &ours),
        ("hyper-util client", &theirs),
    ] {
        let run = median(runs);
        println!(
            "{name:22} {:8.0} requests/s  {:.3} CPU s  {:.2}x CPU of the bare socket",
            f64::from(REQUESTS) / run.wall,
            run.cpu,
            run.cpu / reference.cpu
        );
    }
}

/// What the client does for each request: address and headers are ready-made values.
fn request<B>(address: &http::Uri, body: B) -> http::Request<B> {
    let mut request = http::Request::new(body);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = address.clone();
    let headers = request.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    headers.insert("user-agent", http::HeaderValue::from_static("litesoc-rust/0.1.0"));
    headers.insert("x-api-key", http::HeaderValue::from_static("lsoc_live_0123456789abcdef"));
    request
}

fn head(address: SocketAddr) -> Vec<u8> {
    format!(
        "POST /collect HTTP/1.1\r\ncontent-type: application/json\r\nuser-agent: litesoc-rust/0.1.0\r\n\
         x-api-key: lsoc_live_0123456789abcdef\r\nhost: {address}\r\ncontent-length: {BODY}\r\n\r\n"
    )
    .into_bytes()
}

fn bare_socket(address: SocketAddr, body: &[u8]) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("an option of the socket");
    let mut message = head(address);
    message.extend_from_slice(body);
    let mut answer = [0; 4_096];
    for _ in 0..REQUESTS {
        stream.write_all(&message).expect("a request sent");
        let read = stream.read(&mut answer).expect("an answer");
        assert!(answer[..read].starts_with(b"HTTP/1.1 202"));
    }
}

async fn bare_tokio_socket(address: SocketAddr, body: &[u8]) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an option of the socket");
    let mut message = head(address);
    message.extend_from_slice(body);
    let mut answer = [0; 4_096];
    for _ in 0..REQUESTS {
        stream.write_all(&message).await.expect("a request sent");
        let read = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..read].starts_with(b"HTTP/1.1 202"));
    }
}

/// Answers every request without looking at it.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(stream));
        }
    });
    address
}

fn answer_all(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut block = vec![0; 64 * 1_024];
    let (mut filled, mut missing) = (0, None);
    while let Ok(read @ 1..) = stream.read(&mut block[filled..]) {
        filled += read;
        if missing.is_none() {
            let head = block[..filled].windows(4).position(|window| window == b"\r\n\r\n");
            missing = head.map(|end| end + 4 + BODY);
        }
        // One request at a time is under way: nothing follows its body.
        if missing == Some(filled) {
            (filled, missing) = (0, None);
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn measure(run: impl FnOnce()) -> Run {
    let (begin, cpu) = (Instant::now(), thread_cpu());
    run();
    Run { wall: begin.elapsed().as_secs_f64(), cpu: thread_cpu() - cpu }
}

/// The CPU time of the calling thread so far, in seconds, as the kernel accounts it.
fn thread_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|field| field.parse().ok()).unwrap_or(f64::NAN);
    nanoseconds / 1e9
}

fn median(runs: &[Run]) -> Run {
    let mut runs = runs.to_vec();
    runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    runs[runs.len() / 2]
}
