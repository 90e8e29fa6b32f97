//! Mailpath: a teaching lab for e-mail. See the library for the map of the code.

use std::process::ExitCode;

use mailpath::cli;

/// A long record fills memory steadily. This allocator asks the system for it in pages of 2 MB where there are
/// such, which is several times faster than pages of 4 KB, and small pieces come and go faster too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main(window)
}

#[cfg(feature = "gui")]
fn window(asked: &cli::Window) -> Result<(), String> {
    use mailpath::gui::{Options, Renderer, launch};
    let renderer = match asked.renderer {
        cli::Renderer::Auto => Renderer::Auto,
        cli::Renderer::Wgpu => Renderer::Wgpu,
        cli::Renderer::Gl => Renderer::Gl,
    };
    launch(&Options { scenario: Some(asked.scenario.clone()), renderer }).map_err(|failure| failure.to_string())
}

#[cfg(not(feature = "gui"))]
fn window(asked: &cli::Window) -> Result<(), String> {
    Err(format!("This program was built without its window. In text: mailpath run {}", asked.scenario))
}
