//! TLS against a server with a certificate made for the test, directly and through a proxy.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use litesoc_core::testing::server::{Answer, HostileServer};
use litesoc_core::transport::{Transport, TransportErrorKind};
use litesoc_hyper::{HyperTransport, Proxy, Roots};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

type Certificate = CertifiedKey<rcgen::KeyPair>;

fn certificate() -> Certificate {
    generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

/// Serves `{}` over TLS to every request; answers the address and the count of handshakes.
async fn serve(certified: &Certificate) -> (SocketAddr, Arc<AtomicUsize>) {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let handshakes = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let handshakes = Arc::clone(&handshakes);
        async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                let handshakes = Arc::clone(&handshakes);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    handshakes.fetch_add(1, Ordering::SeqCst);
                    let mut block = [0; 4096];
                    // The test's requests fit into one read.
                    while let Ok(1..) = stream.read(&mut block).await {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                        stream.write_all(answer).await.unwrap();
                        stream.flush().await.unwrap();
                    }
                });
            }
        }
    });
    (address, handshakes)
}

/// Tunnels `CONNECT` to where it asks for if the credentials are right; answers the address.
async fn proxy(credentials: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            if !head
                .to_ascii_lowercase()
                .contains(&format!("proxy-authorization: {credentials}").to_ascii_lowercase())
            {
                client.write_all(b"HTTP/1.1 407 Who are you\r\n\r\n").await.unwrap();
                continue;
            }
            let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
            let mut server = TcpStream::connect(target).await.unwrap();
            client.write_all(b"HTTP/1.1 200 Go ahead\r\n\r\n").await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    address
}

fn post(address: &str) -> http::Request<Bytes> {
    http::Request::post(address).header("x-api-key", "lsoc_live_1").body(Bytes::from_static(b"{}")).unwrap()
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn a_trusted_certificate_is_accepted_and_its_connection_kept() {
    run(async {
        let certified = certificate();
        let (address, handshakes) = serve(&certified).await;
        let roots = [
            Roots::empty().with_der(certified.cert.der()).unwrap(),
            Roots::empty().with_pem(certified.cert.pem().as_bytes()).unwrap(),
        ];
        for (done, roots) in roots.into_iter().enumerate() {
            let transport = HyperTransport::builder().roots(roots).build();
            for host in ["localhost", "127.0.0.1", "localhost", "127.0.0.1"] {
                let url = format!("https://{host}:{}/", address.port());
                let answer = transport.send(post(&url)).await.unwrap();
                assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"{}"[..]));
            }
            assert_eq!(handshakes.load(Ordering::SeqCst), 2 * (done + 1), "one for each name");
        }
    });
}

#[test]
fn an_untrusted_certificate_is_refused() {
    run(async {
        let (address, handshakes) = serve(&certificate()).await;
        let stranger = Roots::empty().with_der(certificate().cert.der()).unwrap();
        let transport = HyperTransport::builder().roots(stranger).build();
        let error =
            transport.send(post(&format!("https://localhost:{}/", address.port()))).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert!(error.to_string().contains("certificate"), "{error}");
        assert_eq!(handshakes.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    run(async {
        let certified = generate_simple_self_signed(["elsewhere.example".to_owned()]).unwrap();
        let (address, handshakes) = serve(&certified).await;
        let roots = Roots::empty().with_der(certified.cert.der()).unwrap();
        let transport = HyperTransport::builder().roots(roots).build();
        let error =
            transport.send(post(&format!("https://localhost:{}/", address.port()))).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(handshakes.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn a_server_without_tls_is_refused() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plain = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 This is plain\r\n\r\n").await.unwrap();
            let mut received = Vec::new();
            let _ = stream.read_to_end(&mut received).await;
            received
        });
        let roots = Roots::empty().with_der(certificate().cert.der()).unwrap();
        let transport = HyperTransport::builder().roots(roots).build();
        let error = transport.send(post(&format!("https://{address}/"))).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        let received = plain.await.unwrap();
        assert!(!received.windows(9).any(|window| window == b"lsoc_live"), "the key left in the clear");
    });
}

#[test]
fn malformed_roots_are_refused() {
    assert!(Roots::empty().with_der(b"not a certificate").is_err());
    assert!(Roots::empty().with_pem(b"no certificate in here").is_err());
    assert!(
        Roots::empty().with_pem(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").is_err()
    );
}

#[test]
fn https_goes_through_the_proxy() {
    run(async {
        let certified = certificate();
        let (address, handshakes) = serve(&certified).await;
        // `user:p@ss` in Base64.
        let proxy = proxy("Basic dXNlcjpwQHNz").await;
        let url = format!("https://localhost:{}/", address.port());
        let transport = |user_info: &str| {
            let proxy = Proxy::new(&format!("http://{user_info}{proxy}")).unwrap();
            let roots = Roots::empty().with_der(certified.cert.der()).unwrap();
            HyperTransport::builder().roots(roots).proxy(proxy).build()
        };

        let right = transport("user:p%40ss@");
        for _ in 0..2 {
            assert_eq!(right.send(post(&url)).await.unwrap().status(), 200);
        }
        assert_eq!(handshakes.load(Ordering::SeqCst), 1);
        assert!(
            !format!("{right:?}").contains("p@ss") && !format!("{right:?}").contains("dXNl"),
            "{right:?}"
        );

        for wrong in ["", "user:guess@"] {
            let error = transport(wrong).send(post(&url)).await.unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Connect);
            assert!(error.to_string().contains("authorization"), "{error}");
            assert!(!error.to_string().contains("guess"), "{error}");
        }
    });
}

#[test]
fn plain_http_does_not_go_through_the_proxy() {
    run(async {
        let server = HostileServer::start(Answer::default());
        let proxy = Proxy::new(&format!("http://{}", server.address())).unwrap();
        let transport = HyperTransport::builder().proxy(proxy).build();
        let error = transport.send(post("http://127.0.0.1:1/")).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Unsupported);
        assert_eq!(server.counts().connections, 0);
    });
}

#[test]
fn a_proxy_address_is_checked_and_not_repeated() {
    for address in
        ["", "proxy", "https://u:secret@p", "socks5://u:secret@p", "http://", "http://u:secret@p/path?x"]
    {
        let error = Proxy::new(address).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Unsupported);
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}
