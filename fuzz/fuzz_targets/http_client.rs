#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mailpath_fuzz::run("http_client", data));
