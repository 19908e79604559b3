//! Exits of VPNs that no list knows, in four bytes each.

use litesoc_model::Position;

use super::spot::Spot;

/// An exit in four bytes: half of the network's number, never 0, then degrees north in 7 bits and degrees east in 9.
pub(crate) fn exit_of(asn: u32, spot: Spot) -> u32 {
    let network = ((asn ^ asn >> 16) & 0xffff).max(1);
    let step = |degrees: f64, whole: f64, steps: f64| ((degrees + whole / 2.0) / whole * steps) as u32;
    let north = step(spot.latitude(), 180.0, 127.0).min(127);
    let east = step(spot.longitude(), 360.0, 511.0).min(511);
    network << 16 | north << 9 | east
}

/// Where an exit is, to about 90 km.
pub(crate) fn coarse(exit: u32) -> Spot {
    let degrees = |steps: u32, whole: f64, all: f64| (f64::from(steps) + 0.5) / all * whole - whole / 2.0;
    let latitude = degrees(exit >> 9 & 127, 180.0, 127.0).min(90.0);
    let longitude = degrees(exit & 511, 360.0, 511.0).min(180.0);
    Position::new(latitude, longitude, None).map_or(Spot::from_key(0), Spot::of)
}
