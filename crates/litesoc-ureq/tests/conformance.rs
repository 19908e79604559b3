//! The transport contract over plain HTTP, and what is ureq's own.

use bytes::Bytes;
use fork::{Fork, fork, waitpid};
use litesoc_core::testing::conformance;
use litesoc_core::testing::server::{Answer, HostileServer};
use litesoc_core::transport::{BlockingTransport, Transport, TransportErrorKind};
use litesoc_ureq::UreqTransport;

#[test]
fn the_contract_holds() {
    conformance::check(|| UreqTransport::new().transport());
}

#[test]
fn addresses_it_cannot_serve_are_unsupported() {
    for address in ["ftp://127.0.0.1:1/", "/path"] {
        let request = http::Request::post(address).body(Bytes::new()).unwrap();
        let error = BlockingTransport::send(&UreqTransport::new(), request).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Unsupported, "{address}: {error}");
    }
}

#[test]
fn https_goes_to_the_proxy_and_plain_http_does_not() {
    let proxy = HostileServer::start(Answer::status(407));
    let address = format!("http://user:pass@{}", proxy.address());
    let transport = UreqTransport::with_proxy(&address).unwrap();
    assert!(!format!("{transport:?}").contains("pass"));

    let plain = http::Request::post("http://127.0.0.1:1/").body(Bytes::new()).unwrap();
    assert_eq!(
        BlockingTransport::send(&transport, plain).unwrap_err().kind(),
        TransportErrorKind::Unsupported
    );
    assert_eq!(proxy.counts().connections, 0);

    if cfg!(feature = "tls") {
        let secure = http::Request::post("https://any.example/collect").body(Bytes::new()).unwrap();
        let error = BlockingTransport::send(&transport, secure).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect, "{error}");
        assert!(!format!("{error} {error:?}").contains("pass"));
        let asked = &proxy.requests()[0];
        assert_eq!((asked.method(), asked.target()), ("CONNECT", "any.example:443"));
        assert_eq!(
            asked.header("proxy-authorization").map(str::to_lowercase),
            Some("basic dxnlcjpwyxnz".to_owned())
        );
    }
}

#[test]
fn a_proxy_address_is_checked_and_not_repeated() {
    for address in ["", "proxy", "https://u:secret@p", "socks5://u:secret@p", "http://"] {
        let error = UreqTransport::with_proxy(address).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Unsupported);
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn a_child_has_threads_and_connections_of_its_own() {
    let server = HostileServer::start(Answer::default());
    let transport = UreqTransport::new().transport();
    let send = |path: &str| {
        let request = http::Request::post(server.url(path)).body(Bytes::new()).unwrap();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(transport.send(request))
    };
    send("/before").unwrap();
    match fork().unwrap() {
        Fork::Child => {
            let sent = send("/child");
            // At once: the test harness must not run on in the child.
            std::process::exit(i32::from(sent.is_err()));
        }
        Fork::Parent(child) => assert_eq!(waitpid(child).unwrap(), 0, "the child's request"),
    }
    send("/after").unwrap();
    let requests = server.requests();
    let seen: Vec<_> = requests.iter().map(|request| (request.target(), request.connection())).collect();
    assert_eq!(seen, [("/before", 0), ("/child", 1), ("/after", 0)]);
}
