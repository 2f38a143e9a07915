//! What a running bot tells of itself: log lines that never show a secret and never stall anything, and figures for
//! Prometheus that are the documented ones.

mod telemetry {
    mod figures;
    mod lines;
    mod running;
    mod secrets;
    #[allow(dead_code, reason = "shared by several test programs")]
    #[path = "../support/sim.rs"]
    mod sim;
    mod storm;
}
