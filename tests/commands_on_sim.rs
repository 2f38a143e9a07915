//! Every command of the exchange as a process, before the simulated exchange: what it prints for people and for
//! programs, and how it ends.

mod commands_on_sim {
    mod account;
    mod reading;
    mod running;
    #[allow(dead_code, reason = "shared by several test programs")]
    #[path = "../support/sim.rs"]
    mod sim;
}
