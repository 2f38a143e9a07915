//! A running bot is watched and steered at the shell, and an account that no bot runs is halted, resumed and compared.

#[path = "canned/exchange.rs"]
mod canned;
#[path = "control/kept.rs"]
mod kept;
#[path = "control/program.rs"]
mod program;
#[path = "control/running.rs"]
mod running;
