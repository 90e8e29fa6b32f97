//! The bodies of the targets are those of the suite: `tests/it/fuzz/targets`.

#[path = "../../tests/it/fuzz/targets/mod.rs"]
pub mod targets;

/// Runs a target by its name.
///
/// # Panics
/// If there is none, or if it has found something.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::ALL.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("there is no target {name}")).run)(data);
}
