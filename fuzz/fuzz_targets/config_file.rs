#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kalshi_bot_fuzz::config_file(input));
