//! The program is killed again and again, wherever it stands, and sometimes the power goes with it. One simulated
//! exchange and one state folder live through all of it: whatever was cut short, no order is there twice, no position is
//! doubled, the next start comes up by itself, and in the end the books are the exchange's to the micro-dollar.
//!
//! Some rounds kill during the start, some a while after it, and some the moment an order reaches the exchange, between
//! sending it and its answer. Part of them with lost answers, late answers, fills told twice, numbers left out and
//! sockets that drop. After part of the kills the files lose what had not been synced to the disk.
//!
//! ```text
//! cargo nextest run --test kill                                                      twelve rounds, always the same plan
//! KALSHI_BOT_KILL_ROUNDS=200 cargo nextest run --test kill --no-capture              a long run
//! KALSHI_BOT_KILL_SEED=7 KALSHI_BOT_KILL_ROUNDS=40 cargo nextest run --test kill     another plan
//! ```
//!
//! The seed decides what is planned; the operating system decides where exactly a kill lands, so a replay repeats the
//! plan and not every microsecond. A failure keeps the state folder and names it.

mod kill {
    mod chance;
    mod check;
    mod figures;
    mod hurried;
    mod power;
    mod rounds;
    mod scene;
    #[allow(dead_code, reason = "shared by several test programs")]
    #[path = "../support/sim.rs"]
    mod sim;
    mod victim;
}
