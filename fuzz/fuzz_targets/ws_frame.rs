#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &[u8]| kalshi_bot_fuzz::ws_frame(frame));
