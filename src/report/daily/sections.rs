//! The report in words and tables, the same for a terminal, a mail and a browser: what is drawn where is the business
//! of whoever draws it.

use super::slippage::Slipped;
use super::{DailyReport, EquityPoint, Group, ReportedTrade};
use crate::figures::{Digits, amount, contracts, counted, grouped, percent, signed, span};
use crate::report::words;
use crate::units::{Money, Price, Ratio, Timestamp};
use jiff::tz::TimeZone;
use std::time::Duration;

/// Trades that are listed; the JSON document has all.
const TRADES_SHOWN: usize = 200;
/// Most rows of the table of the equity.
const EQUITY_ROWS: usize = 24;

/// How a figure should strike the eye. It is never told by colour alone: what was lost has its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    Plain,
    /// Money was made.
    Good,
    /// Money was lost.
    Bad,
}

/// A figure as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// How it looks.
    pub tone: Tone,
}

/// One of the figures that stand at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFigure {
    /// What it is.
    pub label: &'static str,
    /// The figure.
    pub value: Cell,
    /// What it should be read beside.
    pub note: String,
}

/// A table with its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it shows.
    pub title: &'static str,
    /// What has to be known to read it.
    pub note: String,
    /// Names of the columns.
    pub header: Vec<&'static str>,
    /// Columns that hold words and stand to the left.
    pub left: &'static [usize],
    /// Columns of names that are never broken, to be copied.
    pub whole: &'static [usize],
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Cell {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// Dollars won or lost.
    fn profit(money: Money) -> Self {
        Self { text: signed(money, Digits::Cents), tone: tone(money) }
    }

    /// Dollars won or lost where they are known.
    fn known_profit(money: Option<Money>) -> Self {
        money.map_or_else(Self::nothing, Self::profit)
    }

    /// Dollars lost by something: above zero is bad.
    fn cost(money: Money) -> Self {
        Self { text: signed(money, Digits::Cents), tone: tone(-money) }
    }

    /// Dollars a contract; averages lie between the ticks.
    fn price(price: Price) -> Self {
        Self::plain(amount(in_dollars(price), Digits::Fine))
    }

    fn count(count: u64) -> Self {
        Self::plain(grouped(count))
    }

    fn share(ratio: Option<Ratio>) -> Self {
        ratio.map_or_else(Self::nothing, |ratio| Self::plain(percent(ratio)))
    }

    fn nothing() -> Self {
        Self::plain("-")
    }
}

fn tone(money: Money) -> Tone {
    match money {
        made if made.is_positive() => Tone::Good,
        lost if lost.is_negative() => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// The title: which days, and what they came to.
pub fn title(report: &DailyReport) -> String {
    format!("Daily summary {}: {}", report.period.in_words(), signed(report.made(), Digits::Cents))
}

/// What trading it was and when, in one line.
pub fn heading(report: &DailyReport) -> String {
    let period = &report.period;
    let account = period.account.as_ref().map(|account| format!(" of {account}")).unwrap_or_default();
    let hours = span(Duration::from_secs(period.seconds));
    let runs = counted(period.runs.len() as u64, "run");
    format!(
        "{} trading{account}, {} in {} ({hours}), {runs}",
        period.kind.as_str(),
        period.in_words(),
        period.zone
    )
}

/// What happened, in sentences.
pub fn sentences(report: &DailyReport) -> Vec<String> {
    let (period, trading) = (&report.period, &report.trading);
    let mut sentences = Vec::new();
    if trading.trades == 0 {
        let last = match period.last_day_with_trades {
            Some(day) => format!(" The last day on which one did is {day}."),
            None => String::new(),
        };
        sentences.push(format!("No trade ended on {}.{last}", period.in_words()));
    } else {
        sentences.push(words::verdict(trading));
    }
    if let Some(balance) = &report.balance {
        let share = balance.pnl_ratio.map(|ratio| format!(" ({})", percent(ratio))).unwrap_or_default();
        sentences.push(format!(
            "The balance went from {} to {}, open positions at the price they could be sold at: {}{share}. Its \
             largest fall from a peak was {}.",
            amount(balance.starting_balance, Digits::Cents),
            amount(balance.ending_balance, Digits::Cents),
            signed(balance.pnl, Digits::Cents),
            amount(balance.max_drawdown, Digits::Cents)
        ));
    } else {
        sentences.push("Nothing is kept of the balance in these days.".to_owned());
    }
    sentences.extend(words::win_rate(trading));
    sentences.extend(words::sizes(trading));
    sentences
}

/// The figures that stand at the top.
pub fn key_figures(report: &DailyReport) -> Vec<KeyFigure> {
    let trading = &report.trading;
    let mut figures = Vec::new();
    if let Some(balance) = &report.balance {
        figures.extend([
            KeyFigure {
                label: "P&L",
                value: Cell::profit(balance.pnl),
                note: balance
                    .pnl_ratio
                    .map_or_else(String::new, |ratio| format!("{}, open positions included", percent(ratio))),
            },
            KeyFigure {
                label: "Balance",
                value: Cell::plain(amount(balance.ending_balance, Digits::Cents)),
                note: format!("from {}", amount(balance.starting_balance, Digits::Cents)),
            },
            KeyFigure {
                label: "Largest drawdown",
                value: Cell::plain(amount(balance.max_drawdown, Digits::Cents)),
                note: "fall of the balance from a peak".to_owned(),
            },
            KeyFigure {
                label: "Open positions",
                value: Cell::count(balance.open_positions),
                note: format!("cash {}", amount(balance.ending_cash, Digits::Cents)),
            },
        ]);
    }
    figures.extend([
        KeyFigure {
            label: "Net of the trades",
            value: Cell::profit(trading.net_pnl),
            note: format!(
                "gross {}, fees {}",
                signed(trading.gross_pnl, Digits::Cents),
                amount(trading.fees, Digits::Cents)
            ),
        },
        KeyFigure {
            label: "Trades",
            value: Cell::count(trading.trades),
            note: format!("{} won, {} lost", grouped(trading.wins), grouped(trading.losses)),
        },
    ]);
    if trading.trades > 0 {
        figures.extend(figures_of_trades(report));
    }
    figures
}

fn figures_of_trades(report: &DailyReport) -> [KeyFigure; 4] {
    let trading = &report.trading;
    let or_none =
        |money: Option<Money>| money.map_or_else(|| "none".to_owned(), |money| signed(money, Digits::Cents));
    [
        KeyFigure {
            label: "Win rate",
            value: Cell::share(trading.win_rate),
            note: trading
                .break_even_win_rate
                .map_or_else(String::new, |needed| format!("{} needed to break even", percent(needed))),
        },
        KeyFigure {
            label: "Net a trade",
            value: Cell::known_profit(trading.mean_net_pnl),
            note: match (trading.interval_low, trading.interval_high, trading.interval_contains_zero) {
                (Some(low), Some(high), Some(zero)) => format!(
                    "95 %: {} to {}, {} zero",
                    signed(low, Digits::Cents),
                    signed(high, Digits::Cents),
                    if zero { "contains" } else { "without" }
                ),
                _ => "one trade has no interval".to_owned(),
            },
        },
        KeyFigure {
            label: "Largest win",
            value: trading.largest_win.map_or_else(|| Cell::plain("none"), Cell::profit),
            note: format!("average {}", or_none(trading.average_win)),
        },
        KeyFigure {
            label: "Largest loss",
            value: trading.largest_loss.map_or_else(|| Cell::plain("none"), Cell::profit),
            note: format!("average {}", or_none(trading.average_loss)),
        },
    ]
}

/// The tables, those without rows left out.
pub fn tables(report: &DailyReport, zone: &TimeZone) -> Vec<Section> {
    let groups = |title, name, rows: &[Group]| Section {
        title,
        note: String::new(),
        header: vec![name, "Trades", "Won", "Win rate", "Break-even", "Contracts", "Gross", "Fees", "Net"],
        left: &[0],
        whole: &[0],
        rows: rows.iter().map(group).collect(),
    };
    let sections = [
        groups("Exits", "Reason", &report.exits),
        groups("Series", "Series", &report.series),
        groups("Strategies", "Strategy", &report.strategies),
        slippage(report),
        calibration(report),
        accounts(report),
        halts(report, zone),
        funnel(report),
        equity(report, zone),
        trades(report, zone),
    ];
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn group(group: &Group) -> Vec<Cell> {
    vec![
        Cell::plain(&group.name),
        Cell::count(group.trades),
        Cell::count(group.wins),
        Cell::share(group.win_rate),
        Cell::share(group.break_even_win_rate),
        Cell::plain(contracts(group.contracts)),
        Cell::profit(group.gross_pnl),
        Cell::plain(amount(group.fees, Digits::Cents)),
        Cell::profit(group.net_pnl),
    ]
}

fn slippage(report: &DailyReport) -> Section {
    let row = |name, slipped: &Slipped| {
        vec![
            Cell::plain(name),
            Cell::count(slipped.trades),
            Cell::count(slipped.worse),
            Cell::plain(contracts(slipped.contracts)),
            slipped.per_contract.map_or_else(Cell::nothing, |price| Cell {
                text: signed(in_dollars(price), Digits::Fine),
                tone: tone(-in_dollars(price)),
            }),
            slipped.worst.map_or_else(Cell::nothing, Cell::cost),
            Cell::cost(slipped.dollars),
        ]
    };
    let slippage = &report.slippage;
    let rows =
        [("entries against the signal", &slippage.entries), ("stops against the plan", &slippage.stops)];
    Section {
        title: "Slippage",
        note: "Above zero is money lost by it.".to_owned(),
        header: vec!["Fills of", "Trades", "Slipped", "Contracts", "A contract", "Worst trade", "Dollars"],
        left: &[0],
        whole: &[0],
        rows: rows
            .into_iter()
            .filter(|(_, slipped)| slipped.trades > 0)
            .map(|(name, one)| row(name, one))
            .collect(),
    }
}

fn calibration(report: &DailyReport) -> Section {
    let is_empty = report.trading.trades == 0;
    let rows = report.calibration.iter().filter(|_| !is_empty).map(|bucket| {
        vec![
            Cell::plain(bucket.in_words()),
            Cell::count(bucket.trades),
            Cell::count(bucket.wins),
            Cell::share(bucket.win_rate),
            Cell::share(bucket.break_even_win_rate),
            bucket.mean_entry_price.map_or_else(Cell::nothing, Cell::price),
            Cell::plain(format!("{} of {}", grouped(bucket.came_true), grouped(bucket.known))),
            Cell::share(bucket.came_true_rate),
            Cell::profit(bucket.net_pnl),
        ]
    });
    Section {
        title: "Calibration by entry price",
        note: "Came true: the outcome bought, of the trades whose market's result is known by now; it needn't have \
               been held until then."
            .to_owned(),
        header: vec![
            "Entry price",
            "Trades",
            "Won",
            "Win rate",
            "Break-even",
            "Mean price",
            "Came true",
            "Share",
            "Net",
        ],
        left: &[0],
        whole: &[0],
        rows: rows.collect(),
    }
}

/// One account says no more than the figures at the top.
fn accounts(report: &DailyReport) -> Section {
    let accounts = report.balance.as_ref().map_or(&[][..], |balance| &balance.accounts);
    let rows = accounts.iter().filter(|_| accounts.len() > 1).map(|account| {
        vec![
            Cell::plain(&account.name),
            Cell::plain(amount(account.starting_balance, Digits::Cents)),
            Cell::plain(amount(account.ending_balance, Digits::Cents)),
            Cell::profit(account.pnl),
            Cell::count(account.open_positions.into()),
        ]
    });
    Section {
        title: "Accounts",
        note: "Every paper run is an account of its own.".to_owned(),
        header: vec!["Account", "Start", "End", "P&L", "Open"],
        left: &[0],
        whole: &[0],
        rows: rows.collect(),
    }
}

fn halts(report: &DailyReport, zone: &TimeZone) -> Section {
    let rows =
        report.halts.iter().map(|halt| {
            vec![
                Cell::plain(local(halt.latched_at, zone, "%Y-%m-%d %H:%M:%S")),
                Cell::plain(&halt.reason),
                Cell::plain(&halt.detail),
                Cell::plain(halt.cleared_at.map_or_else(
                    || "in force".to_owned(),
                    |cleared| local(cleared, zone, "%Y-%m-%d %H:%M:%S"),
                )),
            ]
        });
    Section {
        title: "Halts",
        note: String::new(),
        header: vec!["Latched", "Reason", "Figures", "Cleared"],
        left: &[0, 1, 2, 3],
        whole: &[1],
        rows: rows.collect(),
    }
}

fn funnel(report: &DailyReport) -> Section {
    let mut rows = Vec::new();
    for gate in &report.funnel {
        let refused = gate.refused.iter();
        let mut refused = refused.map(|refusal| (refusal.reason.clone(), grouped(refusal.markets)));
        let (reason, markets) = refused.next().unwrap_or_default();
        let row = |cells: [String; 4]| cells.map(Cell::plain).to_vec();
        rows.push(row([gate.gate.clone(), grouped(gate.passed), reason, markets]));
        rows.extend(refused.map(|(reason, markets)| row([String::new(), String::new(), reason, markets])));
    }
    Section {
        title: "Why it traded, and why not: markets by gate",
        note:
            "Of the exchange's days, which are Eastern; a market counts once for each verdict, day and run."
                .to_owned(),
        header: vec!["Gate", "Let through", "Refused for", "Markets"],
        left: &[0, 2],
        whole: &[0, 2],
        rows,
    }
}

/// The curve in as many rows as can be read: the last point of each stretch and the lowest in it.
fn equity(report: &DailyReport, zone: &TimeZone) -> Section {
    let stretch = report.equity.len().div_ceil(EQUITY_ROWS).max(1);
    let rows = report.equity.chunks(stretch).filter_map(|points| {
        let last = points.last()?;
        let lowest = points.iter().map(|point| point.equity).min()?;
        let fall = points.iter().map(|point: &EquityPoint| point.drawdown).max()?;
        Some(vec![
            Cell::plain(local(last.time, zone, "%Y-%m-%d %H:%M:%S")),
            Cell::plain(amount(last.equity, Digits::Cents)),
            Cell::plain(amount(lowest, Digits::Cents)),
            Cell::plain(amount(fall, Digits::Cents)),
        ])
    });
    Section {
        title: "Equity",
        note: "Cash, and open positions at the price they could be sold at; lowest and drawdown since the row above."
            .to_owned(),
        header: vec!["Until", "Equity", "Lowest", "Drawdown"],
        left: &[0],
        whole: &[0],
        rows: rows.collect(),
    }
}

fn trades(report: &DailyReport, zone: &TimeZone) -> Section {
    let is_one_day = report.period.from_day == report.period.to_day;
    let form = if is_one_day { "%H:%M" } else { "%m-%d %H:%M" };
    let row = |reported: &ReportedTrade| {
        let trade = reported.trade();
        vec![
            Cell::plain(local(trade.exit_time, zone, form)),
            Cell::plain(&*trade.market),
            Cell::plain(format!("{} {}", contracts(trade.quantity), trade.outcome.as_str())),
            Cell::price(trade.entry_price),
            Cell::price(trade.exit_price),
            // As two words: a narrow table breaks lines between them.
            Cell::plain(trade.exit_reason.as_str().replace('_', " ")),
            Cell::plain(amount(trade.fees, Digits::Cents)),
            Cell::profit(trade.net_pnl),
            Cell::plain(span(Duration::from_secs(reported.closed.held_seconds))),
        ]
    };
    let left_out = report.trades.len().saturating_sub(TRADES_SHOWN) as u64;
    let note = match left_out {
        0 => format!("Times are those of {}.", report.period.zone),
        more => format!("{} more are left out; `--output json` lists all.", grouped(more)),
    };
    Section {
        title: "Trades",
        note,
        header: vec!["Closed", "Market", "Bought", "Entry", "Exit", "Reason", "Fees", "Net", "Held"],
        left: &[0, 1, 5],
        whole: &[1],
        rows: report.trades.iter().take(TRADES_SHOWN).map(row).collect(),
    }
}

const fn in_dollars(price: Price) -> Money {
    Money::from_raw(price.raw())
}

/// An instant as clocks of the zone show it.
pub(super) fn local(at: Timestamp, zone: &TimeZone, form: &str) -> String {
    match jiff::Timestamp::from_microsecond(at.micros()) {
        Ok(instant) => instant.to_zoned(zone.clone()).strftime(form).to_string(),
        Err(_) => at.to_string(),
    }
}
