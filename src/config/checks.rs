//! What single values can't show: settings that are each allowed and together make no sense. Each check is made
//! for the account and again for every table of `markets.toml` that touches it.

use super::fault::{Fault, Origin};
use super::layers::{Layers, Override, View};
use super::logging;
use super::schema;
use super::value::Value;
use crate::execution::client_id::Prefix;
use crate::units::{Price, Ratio, Rounding};
use std::net::SocketAddr;
use std::time::Duration;

const ENTRY: &str = "trading.entry_threshold";
const TARGET: &str = "trading.profit_target";
const HOLD: &str = "trading.hold_to_settlement";
const EXIT: &str = "trading.exit_before_close_minutes";
const LEAST_TIME: &str = "markets.time_to_event.min_hours";
const MOST_TIME: &str = "markets.time_to_event.max_hours";
const SIZE: &str = "trading.max_position_size";
const EXPOSURE: &str = "trading.max_total_exposure";
pub(super) const PREFIX: &str = "execution.order_prefix";
const MAIL: &str = "alerts.email.enabled";
pub(super) const MODULES: &str = "logging.modules";
pub(super) const LISTEN: &str = "metrics.listen";

/// All faults of all checks.
pub(super) fn all(layers: &Layers<'_>) -> Vec<Fault> {
    let account = Check { layers, table: None, view: View { base: &layers.values, overrides: Vec::new() } };
    let mut faults = account.of_a_market();
    faults.extend(account.size_within_exposure());
    faults.extend(account.prefix_is_sound());
    faults.extend(account.mail_is_complete());
    faults.extend(account.modules_are_sound());
    faults.extend(account.metrics_stay_here());
    for table in &layers.overrides {
        let view = View { base: &layers.values, overrides: vec![table] };
        faults.extend(Check { layers, table: Some(table), view }.of_a_market());
    }
    faults
}

/// Faults of `keys` that are empty, because they wait for a variable or were never set; `reason` says what needs
/// them.
pub(super) fn needed(view: &View<'_>, keys: &[&str], reason: &str) -> Vec<Fault> {
    let empty = keys.iter().map(|path| (*path, view.entry(path))).filter(|(_, entry)| entry.value.is_empty());
    empty
        .map(|(path, entry)| match entry.missing.first() {
            Some(name) => {
                let origin = Origin::Environment { name: name.clone() };
                Fault::of(origin, path, format!("{name} is not set, and {reason}"))
            }
            None => Fault::of(entry.origin.clone(), path, format!("is empty, and {reason}")),
        })
        .collect()
}

/// Reads an address on this machine; none where the text is empty.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the key.
pub(super) fn loopback(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464".to_owned())?;
    if !address.ip().is_loopback() {
        return Err(
            "must be an address of this machine alone, such as 127.0.0.1:9464: whoever can read it sees the \
                    account's money"
                .to_owned(),
        );
    }
    Ok(Some(address))
}

struct Check<'a> {
    layers: &'a Layers<'a>,
    table: Option<&'a Override>,
    view: View<'a>,
}

impl Check<'_> {
    fn of_a_market(&self) -> Vec<Fault> {
        [self.time_window(), self.target_below_a_dollar(), self.exit_inside_the_window()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn time_window(&self) -> Option<Fault> {
        let (least, most): (Duration, Duration) = (self.view.get(LEAST_TIME), self.view.get(MOST_TIME));
        (least >= most).then_some(())?;
        self.fault(&[LEAST_TIME, MOST_TIME], format!("must be less than {}", self.named(MOST_TIME)))
    }

    fn target_below_a_dollar(&self) -> Option<Fault> {
        let (entry, target): (Price, Ratio) = (self.view.get(ENTRY), self.view.get(TARGET));
        let price = entry + entry.times_ratio(target, Rounding::Ceil);
        (!self.view.get::<bool>(HOLD) && price >= Price::ONE).then_some(())?;
        let problem = format!(
            "puts the target of an entry at {} on {price}, and no price reaches 1.00",
            self.named(ENTRY)
        );
        self.fault(&[TARGET, ENTRY], problem)
    }

    /// Otherwise a position could be bought only to be sold at once.
    fn exit_inside_the_window(&self) -> Option<Fault> {
        let (exit, least): (Duration, Duration) = (self.view.get(EXIT), self.view.get(LEAST_TIME));
        (!self.view.get::<bool>(HOLD) && !exit.is_zero() && exit >= least).then_some(())?;
        let minutes = schema::find(EXIT).map_or_else(String::new, |key| Value::Span(least).text(key.kind));
        let problem = format!(
            "must be less than {} ({minutes} minutes), or positions would be sold as soon as bought",
            self.named(LEAST_TIME)
        );
        self.fault(&[EXIT, LEAST_TIME], problem)
    }

    fn size_within_exposure(&self) -> Option<Fault> {
        let (size, exposure): (Ratio, Ratio) = (self.view.get(SIZE), self.view.get(EXPOSURE));
        (size > exposure).then_some(())?;
        self.fault(&[SIZE, EXPOSURE], format!("must not exceed {}", self.named(EXPOSURE)))
    }

    fn prefix_is_sound(&self) -> Option<Fault> {
        let problem = self.view.get::<String>(PREFIX).parse::<Prefix>().err()?;
        self.fault(&[PREFIX], problem.to_string())
    }

    fn modules_are_sound(&self) -> Option<Fault> {
        let problem = logging::modules(&self.view.get::<String>(MODULES)).err()?;
        self.fault(&[MODULES], problem)
    }

    fn metrics_stay_here(&self) -> Option<Fault> {
        let problem = loopback(&self.view.get::<String>(LISTEN)).err()?;
        self.fault(&[LISTEN], problem)
    }

    fn mail_is_complete(&self) -> Vec<Fault> {
        if !self.view.get::<bool>(MAIL) {
            return Vec::new();
        }
        let mut keys = vec!["alerts.email.from_email", "alerts.email.to_email", "alerts.email.password"];
        keys.retain(|path| !self.layers.doubtful.contains(path));
        needed(&self.view, &keys, "alerts.email.enabled is true")
    }

    /// A fault of the first of `keys`, placed where the latest of them was set: that is the line to mend. Nothing
    /// when one of them has a fault of its own, or when the table at hand sets none of them.
    fn fault(&self, keys: &[&str], problem: String) -> Option<Fault> {
        let ours = |path: &&&str| self.table.is_none_or(|table| table.values.contains_key(**path));
        if keys.iter().any(|path| self.layers.doubtful.contains(path)) || !keys.iter().any(|path| ours(&path))
        {
            return None;
        }
        let place = keys.iter().filter(ours).map(|path| &self.view.entry(path).origin).max()?;
        let shown = match self.table {
            Some(table) if table.values.contains_key(keys[0]) => {
                schema::find(keys[0]).map(|key| format!("{}.{}", table.scope.table(), key.name()))?
            }
            _ => keys[0].to_owned(),
        };
        Some(Fault { value: Some(self.text(keys[0])), ..Fault::of(place.clone(), shown, problem) })
    }

    fn named(&self, path: &str) -> String {
        format!("{path} = {}", self.text(path))
    }

    fn text(&self, path: &str) -> String {
        let value: &Value = &self.view.entry(path).value;
        schema::find(path).map_or_else(String::new, |key| value.text(key.kind))
    }
}
