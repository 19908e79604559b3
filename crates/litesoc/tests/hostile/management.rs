//! Management calls: every shape of answer, every class of error.

use std::time::Duration;

use futures_util::TryStreamExt;
use litesoc_core::ErrorKind;
use litesoc_core::model::{AlertStatus, Resolution};
use litesoc_core::testing::server::{Answer, HostileServer, Script};
use litesoc_core::transport::SharedTransport;
use serde_json::json;

use crate::service::{KEY, builder};

over_every_transport! {
    fn both_error_shapes_and_none_are_read(transport) {
        for (status, body, kind, message) in [
            (401, r#"{"error":"Invalid API key","code":"UNAUTHORIZED"}"#, ErrorKind::Authentication, "Invalid API key"),
            (403, r#"{"success":false,"error":{"code":"PLAN_RESTRICTED","message":"Pro only"}}"#, ErrorKind::Plan, "Pro only"),
            (403, r#"{"error":"Origin not authorized","code":"ORIGIN_NOT_AUTHORIZED"}"#, ErrorKind::Forbidden, "Origin not authorized"),
            (404, r#"["not found"]"#, ErrorKind::NotFound, ""),
            (400, "<html>bad gateway config</html>", ErrorKind::Validation, ""),
            (500, "", ErrorKind::Server, ""),
            (429, r#"{"error":"slow down","retry_after":9}"#, ErrorKind::RateLimit, "slow down"),
        ] {
            let server = HostileServer::start(Answer::status(status).body(body));
            let client = builder(transport.clone(), &server).build().unwrap();
            let error = client.alerts().send().wait().unwrap_err();
            assert_eq!(error.kind(), kind, "{body}");
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert!(!error.message().is_empty() && error.message().contains(message), "{error}");
            assert!(!format!("{error} {error:?} {client:?}").contains(KEY));
            if status == 429 {
                assert_eq!(error.retry_after(), Some(Duration::from_secs(9)));
            }
        }
    }

    fn retention_is_a_number_with_or_without_its_unit(transport) {
        for (value, days) in [("30", Some(30)), ("30 days", Some(30)), ("", None)] {
            let answer = Answer::ok(r#"{"data":[]}"#).header("x-litesoc-plan", "pro").header("x-litesoc-retention", value);
            let server = HostileServer::start(answer);
            let client = builder(transport.clone(), &server).build().unwrap();
            assert_eq!(client.plan().send().wait().unwrap().retention_days, days, "{value:?}");
            assert_eq!(client.last_plan().unwrap().retention_days, days);
        }
    }

    fn lists_are_read_from_every_envelope(transport) {
        let row = json!({"id": "e1", "event_name": "auth.logout", "created_at": "2026-03-01T00:00:00Z"});
        for body in [
            json!({"success": true, "data": [row], "pagination": {"total": 1, "limit": 50, "offset": 0, "has_more": false}}),
            json!({"events": [row], "total": 1}),
            json!([row]),
        ] {
            let server = HostileServer::start(Answer::ok(body.to_string()));
            let client = builder(transport.clone(), &server).build().unwrap();
            let page = client.events().send().wait().unwrap();
            assert_eq!(page.data.len(), 1, "{body}");
            assert_eq!(page.data[0].id, "e1");
        }
    }

    fn lists_page_by_what_came_back(transport) {
        // A service that clamps pages to three rows, while a new row pushes the others down after the first page.
        let mut pages = 0;
        let server = HostileServer::start(Script::computed(move |request| {
            let offset: usize = request
                .target()
                .split('&')
                .find_map(|part| part.strip_prefix("offset="))
                .map_or(0, |offset| offset.parse().unwrap());
            let rows: Vec<String> =
                if pages == 0 { (0..7).map(|n| format!("a{n}")).collect() }
                else { std::iter::once("new".to_owned()).chain((0..7).map(|n| format!("a{n}"))).collect() };
            pages += 1;
            let page: Vec<_> = rows.iter().skip(offset).take(3)
                .map(|id| json!({"id": id, "event_name": "auth.logout", "created_at": "2026-03-01T00:00:00Z"}))
                .collect();
            let more = offset + page.len() < rows.len();
            let body = json!({"data": page, "pagination": {"total": rows.len(), "limit": 3, "offset": offset, "has_more": more}});
            Answer::ok(body.to_string())
        }));
        let client = builder(transport, &server).build().unwrap();
        let ids: Vec<String> = client.events().limit(100).iter().map(|row| row.unwrap().id).collect();
        assert_eq!(ids, ["a0", "a1", "a2", "a3", "a4", "a5", "a6"]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let rows: Vec<_> = runtime.block_on(client.events().stream().try_collect()).unwrap();
        assert_eq!(rows.len(), 8);
    }

    fn alerts_are_closed_in_the_form_the_service_knows(transport) {
        let server = HostileServer::start(Script::computed(|request| {
            let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
            assert_eq!(request.method(), "PATCH");
            assert_eq!(request.target(), "/alerts/al%20ert");
            if body.get("action").is_some() {
                return Answer::status(400).body(r#"{"error":"status is required"}"#);
            }
            let alert = json!({"id": "al ert", "status": body["status"], "alert_type": "new_device", "severity": "low",
                "title": "t", "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"});
            Answer::ok(json!({"success": true, "data": alert}).to_string())
        }));
        let client = builder(transport, &server).build().unwrap();
        let alert = client.alert("al ert").resolve(Resolution::BlockedIp).notes("blocked").by("team").send().wait().unwrap();
        assert_eq!(alert.status, Some(AlertStatus::Resolved));
        let alert = client.alert("al ert").mark_safe().send().wait().unwrap();
        assert_eq!(alert.status, Some(AlertStatus::Dismissed));
        assert_eq!(server.counts().requests, 4);
        assert_eq!(client.alert("a/../b").send().wait().unwrap_err().kind(), ErrorKind::Validation);
        assert_eq!(server.counts().requests, 4, "a hostile id is refused before anything is sent");
    }

    fn a_slow_ingestion_does_not_hold_up_management(transport) {
        let server = HostileServer::start(Script::computed(|request| match request.target() {
            "/collect" => Answer::stall(),
            _ => Answer::ok(r#"{"status":"ok","service":"litesoc-api","version":"1"}"#),
        }));
        let client = builder(transport, &server).build().unwrap();
        client.track(crate::service::numbered(1));
        assert_eq!(client.flush(Duration::from_millis(50)).wait().pending, 1);
        assert_eq!(client.health().timeout(Duration::from_secs(5)).send().wait().unwrap().status, "ok");
        let _ = client.shutdown(Duration::ZERO).wait();
    }
}
