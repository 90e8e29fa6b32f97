//! All targets in one binary: `MAILPATH_FUZZ=smtp_server any corpus/smtp_server`. It is built in one go, where thirty
//! binaries take an hour. With `MAILPATH_FUZZ_SEEDS=folder` it writes the seeds of every target and ends.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use mailpath_fuzz::targets::ALL;

static NAME: OnceLock<String> = OnceLock::new();

fn name() -> &'static str {
    NAME.get_or_init(|| {
        if let Ok(folder) = std::env::var("MAILPATH_FUZZ_SEEDS") {
            for target in ALL {
                let folder = std::path::Path::new(&folder).join(target.name);
                std::fs::create_dir_all(&folder).expect("the folder can be made");
                for (n, seed) in (target.seeds)().iter().enumerate() {
                    std::fs::write(folder.join(format!("seed-{n}")), seed).expect("the seed can be written");
                }
            }
            std::process::exit(0);
        }
        std::env::var("MAILPATH_FUZZ").expect("MAILPATH_FUZZ names the target")
    })
}

fuzz_target!(init: { name(); }, |data: &[u8]| mailpath_fuzz::run(name(), data));
