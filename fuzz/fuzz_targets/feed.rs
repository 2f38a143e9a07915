#![no_main]

libfuzzer_sys::fuzz_target!(|frames: &[u8]| kalshi_bot_fuzz::feed(frames));
