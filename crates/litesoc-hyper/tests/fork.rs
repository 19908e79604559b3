//! A forked process must not use its parent's connections.

use bytes::Bytes;
use fork::{Fork, fork, waitpid};
use litesoc_core::testing::server::{Answer, HostileServer};
use litesoc_core::transport::Transport;
use litesoc_hyper::HyperTransport;

#[test]
fn a_child_opens_its_own_connection_and_leaves_the_parents_alone() {
    let server = HostileServer::start(Answer::default());
    let transport = HyperTransport::builder().build();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = |path: &str| http::Request::post(server.url(path)).body(Bytes::new()).unwrap();
    let parents = runtime();
    let parent = |path: &str| parents.block_on(transport.send(request(path))).unwrap();
    parent("/before");
    match fork().unwrap() {
        Fork::Child => {
            let sent = runtime().block_on(transport.send(request("/child")));
            // At once: the test harness must not run on in the child.
            std::process::exit(i32::from(sent.is_err()));
        }
        Fork::Parent(child) => {
            let status = waitpid(child).unwrap();
            assert_eq!(status, 0, "the child's request");
        }
    }
    parent("/after");
    let requests = server.requests();
    let seen: Vec<_> = requests.iter().map(|request| (request.target(), request.connection())).collect();
    assert_eq!(seen, [("/before", 0), ("/child", 1), ("/after", 0)]);
}
