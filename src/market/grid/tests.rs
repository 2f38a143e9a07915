use super::*;

fn price(text: &str) -> Price {
    text.parse().expect(text)
}

fn grid(ranges: &[(&str, &str, &str)]) -> Result<PriceGrid, GridError> {
    let range = |&(start, end, step): &(&str, &str, &str)| TickRange {
        start: price(start),
        end: price(end),
        step: price(step),
    };
    PriceGrid::new(ranges.iter().map(range).collect())
}

/// Edges of one step and a centre of another, joined at `low` and `high`.
fn edged(edge: &str, low: &str, centre: &str, high: &str) -> PriceGrid {
    grid(&[("0", low, edge), (low, high, centre), (high, "1", edge)]).expect("a grid")
}

fn tapered() -> PriceGrid {
    edged("0.001", "0.10", "0.01", "0.90")
}

/// Every structure the exchange names, and two grids that stop short of 0 and 1.
fn structures() -> Vec<(&'static str, PriceGrid)> {
    let uniform = |step| PriceGrid::uniform(price(step));
    vec![
        ("linear_cent", uniform("0.01")),
        ("deci_cent", uniform("0.001")),
        ("tapered_deci_cent", tapered()),
        ("center_whole_edge_half_cent", edged("0.005", "0.10", "0.01", "0.90")),
        ("center_whole_edge_quint_cent", edged("0.002", "0.10", "0.01", "0.90")),
        ("center_half_edge_half_cent", uniform("0.005")),
        ("center_half_edge_quint_cent", edged("0.002", "0.10", "0.005", "0.90")),
        ("center_half_edge_deci_cent", edged("0.001", "0.10", "0.005", "0.90")),
        ("center_quint_edge_quint_cent", uniform("0.002")),
        ("center_quint_edge_deci_cent", edged("0.001", "0.10", "0.002", "0.90")),
        ("center_centi_edge_centi_cent", uniform("0.0001")),
        ("center_deci_edge_centi_cent", edged("0.0001", "0.01", "0.001", "0.99")),
        ("short of both ends", grid(&[("0.05", "0.20", "0.01"), ("0.20", "0.95", "0.05")]).expect("a grid")),
        ("short by one step", grid(&[("0.01", "0.99", "0.01")]).expect("a grid")),
    ]
}

/// The grid written out: 0, every price of every range, 1.
fn enumerate(grid: &PriceGrid) -> Vec<i64> {
    let mut prices = vec![0, Price::ONE.raw()];
    for range in grid.ranges() {
        let mut at = range.start.raw();
        while at <= range.end.raw() {
            prices.push(at);
            at += range.step.raw();
        }
    }
    prices.sort_unstable();
    prices.dedup();
    prices
}

#[test]
fn agrees_with_the_written_out_grid_at_every_price() {
    for (name, grid) in structures() {
        let prices = enumerate(&grid);
        // Every 0.00005 dollar, a finer step than any grid's, and a little beyond both ends.
        for raw in (-1_000..=1_001_000).step_by(50) {
            let at = Price::from_raw(raw);
            let below = prices[..prices.partition_point(|&p| p <= raw)].last().copied().unwrap_or(0);
            let above = prices.get(prices.partition_point(|&p| p < raw)).copied().unwrap_or(1_000_000);
            assert_eq!(grid.floor(at).raw(), below, "{name}: floor of {at}");
            assert_eq!(grid.ceil(at).raw(), above, "{name}: ceil of {at}");
            let is_tradable = raw > 0 && raw < 1_000_000 && prices.binary_search(&raw).is_ok();
            assert_eq!(grid.contains(at), is_tradable, "{name}: contains {at}");
        }
    }
}

#[test]
fn ticks_lead_from_each_price_to_its_neighbours() {
    for (name, grid) in structures() {
        let first = grid.ranges()[0].start.raw();
        let last = grid.last().end.raw();
        let prices: Vec<i64> = enumerate(&grid).into_iter().filter(|p| (first..=last).contains(p)).collect();
        for pair in prices.windows(2) {
            let (low, high) = (Price::from_raw(pair[0]), Price::from_raw(pair[1]));
            assert_eq!(low + grid.step_above(low), high, "{name}: above {low}");
            assert_eq!(high - grid.step_below(high), low, "{name}: below {high}");
        }
    }
}

#[test]
fn the_tick_changes_right_at_the_border_of_two_ranges() {
    let grid = tapered();
    for (at, above, below) in
        [("0.099", "0.001", "0.001"), ("0.10", "0.01", "0.001"), ("0.11", "0.01", "0.01")]
    {
        assert_eq!(grid.step_above(price(at)), price(above), "above {at}");
        assert_eq!(grid.step_below(price(at)), price(below), "below {at}");
    }
    for (at, above, below) in
        [("0.89", "0.01", "0.01"), ("0.90", "0.001", "0.01"), ("0.901", "0.001", "0.001")]
    {
        assert_eq!(grid.step_above(price(at)), price(above), "above {at}");
        assert_eq!(grid.step_below(price(at)), price(below), "below {at}");
    }
    assert!(grid.contains(price("0.0370")));
    assert!(grid.contains(price("0.3700")));
    assert!(!grid.contains(price("0.3750")));
    assert_eq!(grid.floor(price("0.105")), price("0.10"));
    assert_eq!(grid.ceil(price("0.0995")), price("0.10"));
    assert_eq!(grid.floor(price("0.9005")), price("0.90"));
    assert_eq!(grid.ceil(price("0.895")), price("0.90"));
}

#[test]
fn zero_and_one_are_never_tradable() {
    for (name, grid) in structures() {
        assert!(!grid.contains(Price::ZERO), "{name}");
        assert!(!grid.contains(Price::ONE), "{name}");
        assert!(!grid.contains(Price::from_raw(-10_000)), "{name}");
        assert!(!grid.contains(Price::from_raw(1_010_000)), "{name}");
    }
}

#[test]
fn an_outcome_rounds_in_its_own_price() {
    // Uneven about a half, so that the two outcomes see different ticks.
    let grid = grid(&[("0", "0.10", "0.001"), ("0.10", "1", "0.01")]).expect("a grid");
    assert_eq!(grid.own_floor(Outcome::Yes, price("0.955")), price("0.95"));
    assert_eq!(grid.own_ceil(Outcome::Yes, price("0.955")), price("0.96"));
    assert_eq!(grid.own_floor(Outcome::No, price("0.9555")), price("0.955"));
    assert_eq!(grid.own_ceil(Outcome::No, price("0.9555")), price("0.956"));
    for (name, grid) in structures() {
        for raw in (0..=1_000_000).step_by(50) {
            let own = Price::from_raw(raw);
            let (floor, ceil) = (grid.own_floor(Outcome::No, own), grid.own_ceil(Outcome::No, own));
            assert!(floor <= own && own <= ceil, "{name}: {floor} {own} {ceil}");
            assert_eq!(floor == own, ceil == own, "{name}: {own}");
        }
    }
}

#[test]
fn refuses_ranges_that_make_no_grid() {
    assert_eq!(PriceGrid::new(vec![]), Err(GridError::Empty));
    for (start, end, step) in [
        ("0.5", "0.5", "0.01"),
        ("0.6", "0.5", "0.01"),
        ("-0.1", "0.5", "0.01"),
        ("0", "1.01", "0.01"),
        ("0", "1", "0"),
        ("0", "1", "-0.01"),
        ("0", "1", "0.03"),
    ] {
        let (start_price, end_price, step_price) = (price(start), price(end), price(step));
        assert_eq!(
            grid(&[(start, end, step)]),
            Err(GridError::Range { start: start_price, end: end_price, step: step_price }),
            "{start} {end} {step}"
        );
    }
    for (end, start) in [("0.10", "0.11"), ("0.11", "0.10")] {
        assert_eq!(
            grid(&[("0", end, "0.01"), (start, "1", "0.01")]),
            Err(GridError::Disjoint { end: price(end), start: price(start) })
        );
    }
}

#[test]
fn reads_back_what_it_writes_and_nothing_worse() {
    let written = serde_json::to_string(&tapered()).expect("serialises");
    assert_eq!(serde_json::from_str::<PriceGrid>(&written).expect("reads back"), tapered());
    let error = serde_json::from_str::<PriceGrid>(r#"{"ranges":[]}"#).expect_err("no ranges").to_string();
    assert!(error.contains("the price grid has no ranges"), "{error}");
    let uneven = written.replace("0.0010", "0.0030");
    assert!(serde_json::from_str::<PriceGrid>(&uneven).is_err(), "{uneven}");
}

#[test]
#[should_panic(expected = "whole steps in a dollar")]
fn a_uniform_grid_needs_a_step_that_divides_a_dollar() {
    PriceGrid::uniform(price("0.03"));
}
