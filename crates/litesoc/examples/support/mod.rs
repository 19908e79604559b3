//! The service the examples talk to: yours, or one in this process.

use litesoc_core::testing::server::{Answer, HostileServer, Received, Script};

/// A service and its key.
pub(crate) struct Service {
    url: String,
    key: String,
    _own: Option<HostileServer>,
}

impl Service {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// The service named by `LITESOC_API_KEY` and `LITESOC_BASE_URL`, or a small one that knows two alerts.
#[expect(clippy::disallowed_methods, reason = "an example is a program, and programs read the environment")]
pub(crate) fn service() -> Service {
    if let Ok(key) = std::env::var("LITESOC_API_KEY") {
        let url = std::env::var("LITESOC_BASE_URL").unwrap_or_else(|_| litesoc::HOSTED.to_owned());
        return Service { url, key, _own: None };
    }
    let server = HostileServer::start(Script::computed(answer));
    Service { url: server.url(""), key: "lsoc_test_0123456789abcdef".to_owned(), _own: Some(server) }
}

fn answer(request: &Received) -> Answer {
    let path = request.target().split('?').next().unwrap_or_default();
    let answer = match (request.method(), path) {
        ("POST", "/collect") => return Answer::status(202).body(r#"{"success":true,"status":"queued"}"#),
        ("GET", "/alerts") => Answer::ok(format!(
            r#"{{"data":[{},{}],"pagination":{{"total":2,"limit":100,"offset":0,"has_more":false}}}}"#,
            alert("alert_1", "open"),
            alert("alert_2", "open")
        )),
        ("PATCH", _) => Answer::ok(format!(r#"{{"success":true,"data":{}}}"#, alert("alert_1", "resolved"))),
        ("GET", "/events") => Answer::ok(
            r#"{"data":[{"id":"event_1","event_name":"auth.login_failed","actor_id":"user_123","created_at":"2026-03-01T10:00:00Z"}],
                "pagination":{"total":1,"limit":50,"offset":0,"has_more":false}}"#,
        ),
        _ => Answer::ok(
            r#"{"status":"ok","service":"litesoc-api","version":"1.0.0","timestamp":"2026-03-01T10:00:00Z"}"#,
        ),
    };
    answer.header("x-litesoc-plan", "pro").header("x-litesoc-retention", "30")
}

fn alert(id: &str, status: &str) -> String {
    format!(
        r#"{{"id":"{id}","alert_type":"brute_force_attack","severity":"high","status":"{status}","title":"12 failed logins",
            "actor_id":"user_123","source_ip":"203.0.113.7","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T10:00:00Z"}}"#
    )
}
