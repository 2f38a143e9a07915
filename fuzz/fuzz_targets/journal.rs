#![no_main]

libfuzzer_sys::fuzz_target!(|segments: &[u8]| kalshi_bot_fuzz::journal(segments));
