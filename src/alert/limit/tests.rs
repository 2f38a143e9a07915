use super::*;
use proptest::prelude::*;

const QUOTA: Quota = Quota { most: 6, window: Duration::from_mins(10) };

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_795_000_000) + Duration::from_secs(seconds)
}

fn trip(topic: &str, time: Timestamp) -> Note {
    let kind = format!("Circuit breaker: {topic}");
    Note { topic: Some(kind.clone()), kind, level: Level::Critical, is_urgent: true, time, net: None }
}

fn closed(cents: i64, time: Timestamp) -> Note {
    let level = if cents < 0 { Level::Warning } else { Level::Info };
    let net = Some(Money::from_raw(cents * 10_000));
    Note { topic: None, kind: "Position closed".to_owned(), level, is_urgent: false, time, net }
}

/// Offers at the note's own time.
fn offer(limit: &mut RateLimit, note: &Note) -> bool {
    let verdict = limit.offer(note.time, note, QUOTA);
    assert_eq!(verdict.digest, None, "no window ends here");
    verdict.is_sent
}

#[test]
fn a_flapping_breaker_is_mailed_once_and_then_counted() {
    let mut limit = RateLimit::default();
    assert!(offer(&mut limit, &trip("feed_stale", at(0))));
    for second in 1..500 {
        assert!(!offer(&mut limit, &trip("feed_stale", at(second))), "{second}");
    }
    assert!(offer(&mut limit, &trip("daily_loss", at(500))), "another reason is news");
    assert_eq!(limit.ends(QUOTA), Some(at(600)));
    assert_eq!(limit.close(at(599), QUOTA), None);
    let digest = limit.close(at(600), QUOTA).expect("much was held back");
    assert_eq!(digest.entries.len(), 1);
    let entry = &digest.entries[0];
    assert_eq!((entry.count, entry.first, entry.last), (499, at(1), at(499)));
    assert_eq!(digest.level(), Level::Critical);
    assert_eq!(limit.close(at(10_000), QUOTA), None, "told once");
}

#[test]
fn a_breaker_that_goes_on_flapping_stays_in_digests_until_it_was_quiet() {
    let mut limit = RateLimit::default();
    let (mut mails, mut digests) = (0, 0);
    for second in (0..86_400).step_by(60) {
        let verdict = limit.offer(at(second), &trip("feed_stale", at(second)), QUOTA);
        mails += u32::from(verdict.is_sent);
        digests += u32::from(verdict.digest.is_some());
    }
    assert_eq!(mails, 1);
    assert!(digests <= 86_400 / 600, "{digests}");
    let later = at(86_400 + 600);
    assert!(
        limit.offer(later, &trip("feed_stale", later), QUOTA).is_sent,
        "after a quiet window it is news again"
    );
}

#[test]
fn what_matters_most_finds_room_when_trades_have_filled_the_window() {
    let mut limit = RateLimit::default();
    let sent = (0..10).filter(|second| offer(&mut limit, &closed(-150, at(*second)))).count();
    assert_eq!(sent, 4, "two of six are kept");
    assert!(offer(&mut limit, &trip("losing_streak", at(20))));
    assert!(offer(&mut limit, &trip("daily_loss", at(21))));
    assert!(!offer(&mut limit, &trip("drawdown", at(22))), "the limit holds for all");
    let digest = limit.close(at(600), QUOTA).expect("something was held back");
    let kinds: Vec<_> = digest.entries.iter().map(|entry| (entry.kind.as_str(), entry.count)).collect();
    assert_eq!(
        kinds,
        [("Circuit breaker: drawdown", 1), ("Position closed", 6)],
        "what matters most stands first"
    );
    assert_eq!(digest.net(), Some(Money::from_raw(-9_000_000)));
}

#[test]
fn a_run_that_ends_gives_its_digest_out_early_and_only_once() {
    let mut limit = RateLimit::default();
    for second in 0..3 {
        offer(&mut limit, &trip("feed_stale", at(second)));
    }
    assert_eq!(limit.hurry().map(|digest| digest.count()), Some(2));
    offer(&mut limit, &trip("feed_stale", at(4)));
    assert_eq!(limit.hurry(), None, "the window had its digest");
    assert_eq!(limit.close(at(600), QUOTA), None);
    assert_eq!(limit.held(), 1, "it waits for the next window's");
    assert_eq!(limit.close(at(1_200), QUOTA).map(|digest| digest.count()), Some(1));
}

#[test]
fn a_clock_that_is_set_back_does_not_stretch_a_window() {
    let mut limit = RateLimit::default();
    offer(&mut limit, &trip("feed_stale", at(100_000)));
    offer(&mut limit, &trip("feed_stale", at(100_001)));
    let verdict = limit.offer(at(0), &trip("feed_stale", at(0)), QUOTA);
    assert_eq!(verdict.digest.map(|digest| digest.count()), Some(1));
    assert!(verdict.is_sent);
}

#[derive(Debug, Clone)]
enum Happens {
    Note(Note),
    Close,
    Hurry,
    /// Written down and read back.
    Restart,
}

fn happens() -> impl Strategy<Value = (u64, Happens)> {
    let note = prop_oneof![
        (0..4_u8).prop_map(|reason| trip(&format!("reason_{reason}"), at(0))),
        (-500..500_i64).prop_map(|cents| closed(cents, at(0))),
    ];
    let what = prop_oneof![
        20 => note.prop_map(Happens::Note),
        3 => Just(Happens::Close),
        1 => Just(Happens::Hurry),
        1 => Just(Happens::Restart),
    ];
    (0..240_u64, what)
}

proptest! {
    /// No message is lost or told twice, and no window gets more mails than its quota and one digest.
    #[test]
    fn everything_is_told_once_and_within_the_limit(
        most in 3..12_u32,
        script in proptest::collection::vec(happens(), 1..300),
    ) {
        let quota = Quota { most, ..QUOTA };
        let mut limit = RateLimit::default();
        let (mut now, mut offered, mut net) = (at(0), 0_u64, Money::ZERO);
        let (mut sent, mut digested, mut net_told) = (0_u64, 0_u64, Money::ZERO);
        // Mails and digests of the window that is open, by its end.
        let mut window = (None, 0_u32, 0_u32);
        for (seconds, what) in script {
            now = now + Duration::from_secs(seconds);
            let mut digests = Vec::new();
            let mut is_sent = false;
            let ended = limit.ends(quota).filter(|ends| *ends <= now);
            match what {
                Happens::Note(note) => {
                    let note = Note { time: now, ..note };
                    offered += 1;
                    net += note.net.unwrap_or_default();
                    let verdict = limit.offer(now, &note, quota);
                    digests.extend(verdict.digest);
                    is_sent = verdict.is_sent;
                    if is_sent {
                        sent += 1;
                        net_told += note.net.unwrap_or_default();
                    }
                }
                Happens::Close => digests.extend(limit.close(now, quota)),
                Happens::Hurry => {
                    if ended.is_none() {
                        digests.extend(limit.hurry());
                    }
                }
                Happens::Restart => {
                    let kept = serde_json::to_string(&limit).expect("it can be written");
                    let read: RateLimit = serde_json::from_str(&kept).expect("and read");
                    prop_assert_eq!(&read, &limit);
                    limit = read;
                }
            }
            for digest in &digests {
                prop_assert!(digest.count() > 0);
                digested += digest.count();
                net_told += digest.net().unwrap_or_default();
            }
            // A digest that comes with the end of a window is that window's.
            if ended.is_some() && ended == window.0 {
                window.2 += u32::try_from(digests.len()).expect("few");
                prop_assert!(window.2 <= 1, "two digests in one window");
                digests.clear();
            }
            if limit.ends(quota) != window.0 {
                window = (limit.ends(quota), 0, 0);
            }
            window.1 += u32::from(is_sent);
            window.2 += u32::try_from(digests.len()).expect("few");
            prop_assert!(window.1 <= most, "{} mails", window.1);
            prop_assert!(window.2 <= 1, "two digests in one window");
        }
        prop_assert_eq!(offered, sent + digested + limit.held());
        while let Some(ends) = limit.ends(quota) {
            if let Some(digest) = limit.close(ends, quota) {
                digested += digest.count();
                net_told += digest.net().unwrap_or_default();
            }
        }
        prop_assert_eq!(offered, sent + digested, "everything is told");
        prop_assert_eq!(net, net_told, "and every dollar with it");
    }
}
