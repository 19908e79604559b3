//! The project automation: `cargo xtask ci|layers|codegen|bench`.

fn main() {}
