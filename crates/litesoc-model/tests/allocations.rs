//! A thread that has sent an event allocates nothing for the next one like it.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::net::IpAddr;

use litesoc_model::{Event, EventType, Marks, SdkMark};
use uuid::Uuid;

fn send(out: &mut Vec<u8>, ip: IpAddr, sdk: &SdkMark) {
    out.clear();
    let event = Event::new(EventType::AUTH_LOGIN_FAILED)
        .actor("user_8f14e45f")
        .email("ada.lovelace@example.com")
        .user_ip(ip)
        .metadata("reason", "invalid_password")
        .metadata("attempt", 3)
        .metadata("score", 0.75)
        .metadata("agent", format_args!("Mozilla/{}", 5))
        .metadata("tags", ["a", "b"])
        .metadata("token", "hidden")
        .metadata("attempt", 4);
    event.check().unwrap();
    event.write_json(out, &Marks::new(Uuid::max(), sdk));
}

#[test]
fn the_second_event_allocates_nothing() {
    let sdk = SdkMark::new("litesoc-rust", "0.1.0");
    let mut out = Vec::with_capacity(1_024);
    for address in ["203.0.113.7", "2001:db8::7"] {
        let ip = address.parse().unwrap();
        send(&mut out, ip, &sdk);
        let counted = allocation_counter::measure(|| send(&mut out, ip, &sdk));
        assert_eq!(counted.count_total, 0, "{address}");
    }
}
