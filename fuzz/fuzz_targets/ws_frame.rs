//! Any bytes at all go through the decoder and on to the engine's events without a panic.
//!
//! `cargo +nightly fuzz run ws_frame fuzz/corpus/ws_frame fuzz/seeds/ws_frame`

#![no_main]

use kalshi_bot::gateway::inbound::Inbound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    for use_yes_price in [false, true] {
        if let Err(error) = Inbound::new(use_yes_price).translate(frame) {
            assert!(error.at() <= frame.len());
            assert!(error.to_string().len() < 1_200);
        }
    }
});
