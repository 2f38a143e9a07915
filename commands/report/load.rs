//! The rows of a report, out of the store that was named.

use crate::cli::report::ReportStore;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::start::unstored;
use kalshi_bot::config::Settings;
use kalshi_bot::report::daily::Days;
use kalshi_bot::store::history::{self, History, Interval};
use kalshi_bot::store::supabase::Supabase;
use kalshi_bot::store::{RowStore, RunKind, Store, StoreError, StoredRun};
use kalshi_bot::units::Timestamp;

/// What is asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Which days.
    pub(super) days: &'a Days,
    /// Paper or live, where the flags say which.
    pub(super) kind: Option<RunKind>,
    /// The only account wanted, where one is.
    pub(super) account: Option<&'a str>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The days' rows.
    pub(super) history: History,
    /// When the last trade ended, whatever the day.
    pub(super) last_trade: Option<Timestamp>,
}

/// Reads what a report of these days needs.
///
/// # Errors
/// A [`Failure`] of usage when it can't be told which trading is meant, and whatever keeps the store from being read.
pub(super) fn load(settings: &Settings, which: ReportStore, wanted: &Wanted<'_>) -> Result<Loaded, Failure> {
    let store = open(settings, which)?;
    let unread = |error| unread(&error);
    let interval = Interval::read(&*store, wanted.days.from(), wanted.days.to()).map_err(unread)?;
    let (kind, runs) = chosen(interval.runs().map_err(unread)?, wanted)?;
    let history = interval.history(kind, runs).map_err(unread)?;
    let last_trade = history::last_trade(&*store).map_err(unread)?.map(|stored| stored.trade.exit_time);
    Ok(Loaded { history, last_trade })
}

/// The one place that knows where the stores are.
fn open(settings: &Settings, which: ReportStore) -> Result<Box<dyn RowStore>, Failure> {
    match which {
        ReportStore::Local => {
            let folder = folder::of_settings(settings)?;
            Ok(Box::new(Store::open_to_read(&folder).map_err(|error| unread(&error))?))
        }
        ReportStore::Supabase => {
            let supabase = Supabase::of_settings(&settings.database);
            let supabase = supabase.map_err(|error| unread(&error.into()))?.ok_or_else(|| {
                let cause = "SUPABASE_URL isn't set";
                let next = "set it and SUPABASE_KEY in secrets.env, or use `--store local`";
                Failure::new(ExitCode::Usage, "there is no second store", cause, next)
            })?;
            Ok(Box::new(supabase))
        }
    }
}

/// The runs of the kind and the account that are meant; paper where there are none at all.
fn chosen(mut runs: Vec<StoredRun>, wanted: &Wanted<'_>) -> Result<(RunKind, Vec<StoredRun>), Failure> {
    if let Some(account) = wanted.account {
        let known: Vec<String> = runs.iter().map(|run| account_of(run).to_owned()).collect();
        runs.retain(|run| account_of(run) == account);
        if runs.is_empty() && !known.is_empty() {
            let cause = format!("these days have {}", listed(known));
            let next = "name one of them with --account, or leave it out";
            let what = format!("nothing is kept of the account {account} in these days");
            return Err(Failure::new(ExitCode::Usage, what, cause, next));
        }
    }
    let of = |kind| runs.iter().any(|run| run.kind == kind);
    let kind = match wanted.kind {
        Some(kind) => kind,
        None if of(RunKind::Live) && of(RunKind::Paper) => {
            let cause = "paper and live results are never added up";
            let next = "say which is meant with --live or --paper";
            let what = "these days have both live trading and paper trading";
            return Err(Failure::new(ExitCode::Usage, what, cause, next));
        }
        None if of(RunKind::Live) => RunKind::Live,
        None => RunKind::Paper,
    };
    runs.retain(|run| run.kind == kind);
    Ok((kind, runs))
}

fn account_of(run: &StoredRun) -> &str {
    run.account.as_deref().unwrap_or(&run.id)
}

fn listed(mut names: Vec<String>) -> String {
    names.sort();
    names.dedup();
    names.join(", ")
}

fn unread(error: &StoreError) -> Failure {
    if matches!(error, StoreError::Remote(_)) {
        return unstored(error);
    }
    let next = "check the state folder (--state-dir, or the key state.dir) and who may read it";
    Failure::new(ExitCode::Unreachable, "what was kept can't be read", error, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, kind: RunKind, account: Option<&str>) -> StoredRun {
        StoredRun {
            id: id.to_owned(),
            kind,
            source: "a source".to_owned(),
            started: Timestamp::EPOCH,
            ended: None,
            account: account.map(str::to_owned),
        }
    }

    fn choose(kind: Option<RunKind>, account: Option<&str>) -> Result<(RunKind, Vec<String>), String> {
        let day = "2026-11-23".parse().expect("a date");
        let days = Days::new(day, day, "UTC").expect("a day");
        let runs = vec![
            run("p-1", RunKind::Paper, None),
            run("p-2", RunKind::Paper, None),
            run("l-1", RunKind::Live, Some("demo-1")),
        ];
        let chosen = chosen(runs, &Wanted { days: &days, kind, account });
        chosen
            .map(|(kind, runs)| (kind, runs.into_iter().map(|run| run.id).collect()))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn paper_and_live_are_never_added_up() {
        let error = choose(None, None).expect_err("both");
        assert!(error.contains("say which is meant with --live or --paper"), "{error}");
        let paper = (RunKind::Paper, vec!["p-1".to_owned(), "p-2".to_owned()]);
        assert_eq!(choose(Some(RunKind::Paper), None), Ok(paper));
        assert_eq!(choose(Some(RunKind::Live), None), Ok((RunKind::Live, vec!["l-1".to_owned()])));
    }

    #[test]
    fn an_account_is_a_live_one_or_a_paper_run() {
        assert_eq!(choose(None, Some("demo-1")), Ok((RunKind::Live, vec!["l-1".to_owned()])));
        assert_eq!(choose(None, Some("p-2")), Ok((RunKind::Paper, vec!["p-2".to_owned()])));
        let error = choose(None, Some("demo-2")).expect_err("no such account");
        assert!(error.contains("these days have demo-1, p-1, p-2"), "{error}");
    }
}
