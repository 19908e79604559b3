//! What the client costs: the caller's thread, the way to the server, memory, and how it ends.
//!
//! `cargo bench -p litesoc --bench client` runs all of it; a name runs one part: `caller`, `delivery`, `memory`,
//! `ending`. `-- --track N` only tracks N events, for `valgrind --tool=callgrind`.

#![expect(clippy::disallowed_methods, reason = "a benchmark is about elapsed time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say where")]

mod caller;
mod delivery;
mod ending;
mod memory;
mod sample;
mod server;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--server", delay] => return server::serve(delay.parse().unwrap()),
        ["--track", count] => return caller::track_only(count.parse().unwrap()),
        _ => {}
    }
    type Part = fn();
    // Memory first: the allocator keeps what the others leave behind.
    let parts: [(&str, Part); 4] = [
        ("memory", memory::run),
        ("caller", caller::run),
        ("delivery", delivery::run),
        ("ending", ending::run),
    ];
    for (name, run) in parts {
        if words.is_empty() || words.contains(&name) {
            println!("\n## {name}\n");
            run();
        }
    }
}
