//! A verdict on one market in words, with the figures that decided it.

use crate::figures::{Digits, amount, contracts, grouped, moment, percent, span};
use kalshi_bot::engine::Rules;
use kalshi_bot::market::filter::FilterReason;
use kalshi_bot::market::{Market, Outcome};
use kalshi_bot::strategy::{Signal, SignalReason};
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};

/// Why the filter refuses the market.
pub(super) fn filtered(reason: FilterReason, market: &Market, rules: &Rules, now: Timestamp) -> String {
    let (spec, filter, book) = (&market.spec, &rules.filter, &market.book);
    let left = now.until(spec.close);
    match reason {
        FilterReason::Category => {
            let wanted = filter.categories.join(", ");
            format!("its category is {}, and wanted are {wanted}", spec.category)
        }
        FilterReason::NotOpen => {
            format!("it trades from {} to {}, and isn't open now", moment(spec.open), moment(spec.close))
        }
        FilterReason::ClosesTooSoon => {
            format!("it closes in {}, and at least {} are wanted", span(left), span(filter.min_time_to_close))
        }
        FilterReason::ClosesTooLate => {
            format!("it closes in {}, and at most {} are wanted", span(left), span(filter.max_time_to_close))
        }
        FilterReason::FeeUnknown => "its kind of fees has no rule here, so no price can be judged".to_owned(),
        FilterReason::Volume => format!(
            "{} contracts were traded, and at least {} are wanted",
            whole(spec.volume),
            whole(filter.min_volume)
        ),
        FilterReason::PausesSoon => "the exchange pauses soon, and no stop works in a pause".to_owned(),
        FilterReason::BookNotReady => "its book makes no sense".to_owned(),
        FilterReason::OneSided => "nobody stands on one side of its book".to_owned(),
        FilterReason::AtBounds => "both sides stand at the bounds, so nobody makes a price".to_owned(),
        FilterReason::Spread => format!(
            "the spread is {:.2}, and at most {:.2} is wanted",
            book.spread().unwrap_or_default(),
            filter.max_spread
        ),
        FilterReason::Liquidity => format!(
            "{} dollars rest within {:.2} of the touch, and at least {} are wanted",
            amount(book.resting_within(filter.liquidity_reach), Digits::Cents),
            filter.liquidity_reach,
            amount(filter.min_liquidity, Digits::Cents)
        ),
    }
}

/// Why the strategy doesn't want the market.
pub(super) fn unwanted(reason: SignalReason, market: &Market, rules: &Rules) -> String {
    let asks = Outcome::BOTH.into_iter().filter_map(|outcome| market.book.own_ask(outcome));
    let dearest = asks.map(|ask| ask.price).max().unwrap_or_default();
    let parameters = &rules.parameters;
    match reason {
        SignalReason::Cooldown => "it rests after an exit".to_owned(),
        SignalReason::BelowThreshold => format!(
            "the dearer outcome costs {dearest:.2}, and at least {:.2} is wanted",
            parameters.entry_threshold
        ),
        SignalReason::TargetUnreachable => format!(
            "{} above {dearest:.2} lies where nobody can buy any more",
            percent(parameters.profit_target)
        ),
        SignalReason::TargetBelowCosts => format!(
            "{} above {dearest:.2} doesn't pay for fees and spread",
            percent(parameters.profit_target)
        ),
        SignalReason::StopTooNear => format!(
            "a stop {} below {dearest:.2} lies nearer than spread, one tick and fees",
            percent(parameters.stop_loss)
        ),
        SignalReason::StopImpossible => "a sound stop would lie at or below zero".to_owned(),
    }
}

/// What the strategy wants to do.
pub(super) fn wanted(signal: &Signal) -> String {
    let fine = |price: Price| amount(Money::from_raw(price.raw()), Digits::Fine);
    format!(
        "buy {} at {:.2}, take the profit at {:.2}, stop at {:.2}; a contract wins {} or loses {} after fees, so \
         that {} have to win for nothing to be lost",
        signal.outcome.as_str(),
        signal.price,
        signal.plan.target,
        signal.plan.stop,
        fine(signal.net_win),
        fine(signal.net_loss),
        percent(signal.break_even())
    )
}

/// Contracts with thousands apart, where there are only whole ones.
pub(super) fn whole(quantity: Quantity) -> String {
    let raw = quantity.raw().unsigned_abs();
    if raw.is_multiple_of(100) { grouped(raw / 100) } else { contracts(quantity) }
}
