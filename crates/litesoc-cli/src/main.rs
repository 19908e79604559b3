//! The `litesoc` command.

fn main() {}
