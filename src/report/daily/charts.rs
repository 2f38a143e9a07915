//! The report's charts as SVG that stands inside the page: equity and drawdown, what each trade made and how that adds
//! up, exits, and calibration.
//!
//! Coordinates are integers: micro-dollars, microseconds, numbers of trades. Everything is drawn in placeholder colours,
//! which [`finish`] replaces by the page's CSS variables, so that the same drawing serves by day and by night. A chart is
//! drawn about as large as it is shown, which keeps its text readable on a phone.

use super::sections::local;
use super::{Bucket, DailyReport, EquityPoint, Group};
use crate::figures::{Digits, amount, grouped, signed};
use crate::units::{MICROS, Money, Ratio, Timestamp, narrow};
use jiff::tz::TimeZone;
use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, RGBColor};
use std::io;
use std::ops::Range;
use std::time::Duration;

/// Width and height of a chart in pixels.
const SIZE: (u32, u32) = (440, 240);
/// Size of text; the library draws it at four fifths of this.
const TEXT: u32 = 15;
/// Points a line is thinned to: more don't show.
const MOST_POINTS: usize = 400;
/// Most marks of an axis of time.
const MOST_MARKS: i64 = 5;

/// Colours that stand for those of the page, and the variables they become. What follows the comma is for programs that
/// know no variables.
const COLOURS: [(RGBColor, &str); 6] = [
    (INK, "var(--ink,#1c2128)"),
    (MUTED, "var(--muted,#5c6672)"),
    (RULE, "var(--rule,#d9dee4)"),
    (ACCENT, "var(--accent,#2a5d9c)"),
    (GOOD, "var(--good,#1d7a4c)"),
    (BAD, "var(--bad,#b3372b)"),
];
const INK: RGBColor = RGBColor(1, 1, 1);
const MUTED: RGBColor = RGBColor(2, 2, 2);
const RULE: RGBColor = RGBColor(3, 3, 3);
const ACCENT: RGBColor = RGBColor(4, 4, 4);
const GOOD: RGBColor = RGBColor(5, 5, 5);
const BAD: RGBColor = RGBColor(6, 6, 6);

/// Why a chart can't be drawn.
pub(super) type DrawingFault = DrawingAreaErrorKind<io::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawing = Result<(), DrawingFault>;

/// A chart, ready to stand in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chart {
    /// What it shows.
    pub(super) title: &'static str,
    /// How to read it.
    pub(super) note: &'static str,
    /// The drawing.
    pub(super) svg: String,
}

/// The charts for which there are figures.
///
/// # Errors
/// [`DrawingFault`] when one can't be drawn.
pub(super) fn all(report: &DailyReport, zone: &TimeZone) -> Result<Vec<Chart>, DrawingFault> {
    let mut charts = Vec::new();
    let mut add = |title, note, draw: &dyn Fn(&Area<'_>) -> Drawing| -> Drawing {
        charts.push(Chart { title, note, svg: drawn(title, draw)? });
        Ok(())
    };
    if report.equity.len() > 1 {
        let points = thinned(&report.equity);
        add("Equity", "cash, and positions at what they could be sold for", &|area| {
            equity(area, &points, zone)
        })?;
        add("Drawdown", "below the highest equity so far", &|area| drawdown(area, &points, zone))?;
    }
    if !report.trades.is_empty() {
        let nets: Vec<Money> = report.trades.iter().map(|trade| trade.trade().net_pnl).collect();
        let grosses: Vec<Money> = report.trades.iter().map(|trade| trade.trade().gross_pnl).collect();
        add("Net of each trade", "in the order they ended", &|area| each_trade(area, &nets))?;
        add("Trades added up", "before fees and after them", &|area| added_up(area, &grosses, &nets))?;
        add("Net by exit", "what ended the trades", &|area| exits(area, &report.exits))?;
        add("Calibration", "by entry price: won, needed, came true", &|area| {
            calibration(area, &report.calibration)
        })?;
    }
    Ok(charts)
}

fn drawn(title: &str, draw: impl Fn(&Area<'_>) -> Drawing) -> Result<String, DrawingFault> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&area)?;
        area.present()?;
    }
    Ok(finish(title, &svg))
}

/// Gives the drawing the page's colours and a title, and leaves its size to the page.
fn finish(title: &str, svg: &str) -> String {
    let mut svg = svg.to_owned();
    for (colour, variable) in COLOURS {
        let RGBColor(red, green, blue) = colour;
        svg = svg.replace(&format!("\"#{red:02X}{green:02X}{blue:02X}\""), &format!("\"{variable}\""));
    }
    let (width, height) = SIZE;
    let size = format!("width=\"{width}\" height=\"{height}\" ");
    svg.replacen(&size, "role=\"img\" ", 1).replacen('>', &format!("><title>{title}</title>"), 1)
}

fn equity(area: &Area<'_>, points: &[EquityPoint], zone: &TimeZone) -> Drawing {
    let values = points.iter().map(|point| point.equity);
    let (money, times) = (range(values, 0), time_range(points));
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .x_label_area_size(24)
        .y_label_area_size(66)
        .build_cartesian_2d(times.clone().with_key_points(marks(&times, zone)), money.clone())?;
    mesh(&mut chart, &|micros| clock(*micros, &times, zone), &dollars(&money))?;
    let line = points.iter().map(|point| (point.time.micros(), point.equity.raw()));
    chart.draw_series(LineSeries::new(line, ACCENT.stroke_width(2)))?;
    Ok(())
}

fn drawdown(area: &Area<'_>, points: &[EquityPoint], zone: &TimeZone) -> Drawing {
    let values = points.iter().map(|point| -point.drawdown);
    let (money, times) = (range(values.chain([Money::ZERO]), 0), time_range(points));
    let money = money.start..0;
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .x_label_area_size(24)
        .y_label_area_size(66)
        .build_cartesian_2d(times.clone().with_key_points(marks(&times, zone)), money.clone())?;
    mesh(&mut chart, &|micros| clock(*micros, &times, zone), &dollars(&money))?;
    let line = points.iter().map(|point| (point.time.micros(), -point.drawdown.raw()));
    chart.draw_series(AreaSeries::new(line, 0, BAD.mix(0.18)).border_style(BAD.stroke_width(2)))?;
    Ok(())
}

/// A bar for each trade: up what it made, down what it lost.
fn each_trade(area: &Area<'_>, nets: &[Money]) -> Drawing {
    let money = range(nets.iter().copied().chain([Money::ZERO]), 0);
    // Ten places for each trade, so that bars of any number keep a gap between them.
    let places = 0..count(nets.len()) * 10;
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .x_label_area_size(24)
        .y_label_area_size(66)
        .build_cartesian_2d(places.clone().with_key_points(numbers(nets.len(), 10)), money.clone())?;
    mesh(&mut chart, &|place| grouped(place.unsigned_abs() / 10 + 1), &dollars(&money))?;
    chart.draw_series(nets.iter().zip(0_i64..).map(|(net, number)| {
        let colour = if net.is_negative() { BAD } else { GOOD };
        Rectangle::new([(number * 10 + 1, 0), (number * 10 + 9, net.raw())], colour.filled())
    }))?;
    zero(&mut chart, places)
}

/// Two lines: what the trades made so far, before fees and after.
fn added_up(area: &Area<'_>, grosses: &[Money], nets: &[Money]) -> Drawing {
    let sums = |amounts: &[Money]| -> Vec<(i64, i64)> {
        let mut sum = Money::ZERO;
        let after = amounts.iter().zip(1_i64..).map(|(amount, number)| {
            sum += *amount;
            (number, sum.raw())
        });
        std::iter::once((0, 0)).chain(after).collect()
    };
    let (gross, net) = (sums(grosses), sums(nets));
    let money = range(gross.iter().chain(&net).map(|(_, raw)| Money::from_raw(*raw)), 0);
    let places = 0..count(nets.len());
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(40)
        .x_label_area_size(24)
        .y_label_area_size(66)
        .build_cartesian_2d(places.clone().with_key_points(numbers(nets.len(), 1)), money.clone())?;
    mesh(&mut chart, &|number| grouped(number.unsigned_abs()), &dollars(&money))?;
    let ends = [gross.last().copied().unwrap_or_default(), net.last().copied().unwrap_or_default()];
    chart.draw_series(LineSeries::new(gross, MUTED.stroke_width(1)))?;
    chart.draw_series(LineSeries::new(net, ACCENT.stroke_width(2)))?;
    for ((name, colour, vertical), end) in
        [("gross", MUTED, VPos::Bottom), ("net", ACCENT, VPos::Top)].into_iter().zip(ends)
    {
        let style = text(colour).pos(Pos::new(HPos::Left, vertical));
        chart.plotting_area().draw(&(EmptyElement::at(end) + Text::new(name, (4, 0), style)))?;
    }
    zero(&mut chart, places)
}

/// A bar for each way out, from the line of nothing to the left for what it lost and to the right for what it made.
fn exits(area: &Area<'_>, exits: &[Group]) -> Drawing {
    // Names stand to the left of the bars, figures to their right, in pixels.
    const BARS: (i64, i64) = (140, 352);
    const FIGURES: i32 = 436;
    let nets = || exits.iter().map(|exit| exit.net_pnl.raw());
    let (low, high) = (nets().min().unwrap_or_default().min(0), nets().max().unwrap_or_default().max(0));
    let span = high.saturating_sub(low).max(1);
    let place = |raw: i64| pixel(BARS.0 + part_of(raw.saturating_sub(low), span, BARS.1 - BARS.0));
    let height = pixel(SIZE.1.into());
    let step = height / pixel(count(exits.len())).max(1);
    let bar = (step / 2).min(26);
    for (exit, number) in exits.iter().zip(0_i32..) {
        let centre = number * step + step / 2;
        let colour = if exit.net_pnl.is_negative() { BAD } else { GOOD };
        let (from, to) = (place(exit.net_pnl.raw().min(0)), place(exit.net_pnl.raw().max(0)));
        area.draw(&Rectangle::new([(from, centre - bar / 2), (to, centre + bar / 2)], colour.filled()))?;
        let name = format!("{} ({})", exit.name, grouped(exit.trades));
        area.draw(&Text::new(name, (4, centre), text(INK).pos(Pos::new(HPos::Left, VPos::Center))))?;
        let net = signed(exit.net_pnl, Digits::Cents);
        area.draw(&Text::new(net, (FIGURES, centre), text(colour).pos(Pos::new(HPos::Right, VPos::Center))))?;
    }
    area.draw(&PathElement::new(vec![(place(0), 4), (place(0), height - 4)], MUTED.stroke_width(1)))
}

/// For each price: a bar of the trades that won, a line for how many had to, a ring for how often it came true.
fn calibration(area: &Area<'_>, buckets: &[Bucket]) -> Drawing {
    let places = 0..count(buckets.len()) * 10;
    let middles: Vec<i64> = (0..count(buckets.len())).map(|number| number * 10 + 5).collect();
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_top(26)
        .x_label_area_size(24)
        .y_label_area_size(46)
        .build_cartesian_2d(places.with_key_points(middles), 0..MICROS)?;
    let name = |place: &i64| {
        let bucket = usize::try_from(place / 10).ok().and_then(|at| buckets.get(at));
        bucket.map_or_else(String::new, |bucket| match (bucket.from, bucket.to) {
            (from, to) if from.is_zero() => format!("< {to:.2}"),
            (from, to) if to.raw() == MICROS => format!("≥ {from:.2}"),
            (from, to) => format!("{from:.2}–{to:.2}").replace("0.", "."),
        })
    };
    let per_cent = |raw: &i64| format!("{} %", raw.saturating_mul(100) / MICROS);
    mesh(&mut chart, &name, &per_cent)?;
    for (bucket, number) in buckets.iter().zip(0_i64..) {
        let (left, middle, right) = (number * 10 + 2, number * 10 + 5, number * 10 + 8);
        if let Some(rate) = bucket.win_rate {
            let bar = Rectangle::new([(left, 0), (right, rate.raw())], ACCENT.mix(0.45).filled());
            chart.draw_series([bar])?;
        }
        if let Some(needed) = bucket.break_even_win_rate.map(Ratio::raw) {
            let line = vec![(left - 1, needed), (right + 1, needed)];
            chart.draw_series([PathElement::new(line, BAD.stroke_width(3))])?;
        }
        if let Some(rate) = bucket.came_true_rate {
            chart.draw_series([Circle::new((middle, rate.raw()), 5, INK.stroke_width(2))])?;
        }
    }
    legend(area)
}

fn legend(area: &Area<'_>) -> Drawing {
    let words = text(MUTED).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Rectangle::new([(52, 7), (64, 19)], ACCENT.mix(0.45).filled()))?;
    area.draw(&Text::new("won", (70, 13), words.clone()))?;
    area.draw(&PathElement::new(vec![(118, 13), (136, 13)], BAD.stroke_width(3)))?;
    area.draw(&Text::new("needed to break even", (142, 13), words.clone()))?;
    area.draw(&Circle::new((292, 13), 5, INK.stroke_width(2)))?;
    area.draw(&Text::new("came true", (303, 13), words))
}

/// Axes, their marks and the lines of the grid.
fn mesh<'a, 'b, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'b>, Cartesian2d<X, Y>>,
    x_label: &dyn Fn(&i64) -> String,
    y_label: &dyn Fn(&i64) -> String,
) -> Drawing
where
    X: Ranged<ValueType = i64> + ValueFormatter<i64>,
    Y: Ranged<ValueType = i64> + ValueFormatter<i64>,
{
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(RULE.stroke_width(1))
        .axis_style(RULE.stroke_width(1))
        .x_labels(6)
        .y_labels(5)
        .x_label_formatter(&x_label)
        .y_label_formatter(&y_label)
        .label_style(text(MUTED))
        .draw()
}

/// A line where nothing is made or lost.
fn zero<X, Y>(chart: &mut ChartContext<'_, SVGBackend<'_>, Cartesian2d<X, Y>>, places: Range<i64>) -> Drawing
where
    X: Ranged<ValueType = i64>,
    Y: Ranged<ValueType = i64>,
{
    chart.draw_series([PathElement::new(vec![(places.start, 0), (places.end, 0)], MUTED.stroke_width(1))])?;
    Ok(())
}

fn text(colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", TEXT).into_font().transform(FontTransform::None).color(&colour)
}

/// The amounts with a little room on both sides, so that no line runs along the edge.
fn range(amounts: impl Iterator<Item = Money>, or: i64) -> Range<i64> {
    let raws: Vec<i64> = amounts.map(Money::raw).collect();
    let low = raws.iter().copied().min().unwrap_or(or);
    let high = raws.iter().copied().max().unwrap_or(or);
    let room = (high.saturating_sub(low) / 16).max(20_000);
    low.saturating_sub(room)..high.saturating_add(room)
}

/// Dollars in as many decimals as tell the marks of the axis apart.
fn dollars(range: &Range<i64>) -> impl Fn(&i64) -> String + use<> {
    let is_wide = range.end.saturating_sub(range.start) >= 8 * MICROS;
    move |raw: &i64| {
        let text = amount(Money::from_raw(*raw), Digits::Cents);
        if is_wide { text.trim_end_matches(".00").to_owned() } else { text }
    }
}

fn time_range(points: &[EquityPoint]) -> Range<i64> {
    let (first, last) = (points.first().map(|point| point.time), points.last().map(|point| point.time));
    let first = first.unwrap_or(Timestamp::EPOCH).micros();
    first..last.unwrap_or(Timestamp::EPOCH).micros().max(first + MICROS)
}

/// Round times of the zone within the range, a few of them.
fn marks(times: &Range<i64>, zone: &TimeZone) -> Vec<i64> {
    const MINUTES: [u64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440, 10_080];
    let span = times.end - times.start;
    let steps = MINUTES.map(|minutes| micros(Duration::from_mins(minutes)));
    let month = micros(Duration::from_hours(30 * 24));
    let months = span / (month * (MOST_MARKS + 1)) + 1;
    let step = steps.into_iter().find(|step| span / step <= MOST_MARKS).unwrap_or(month * months);
    // Round on the clocks of the zone, as they stood at the beginning.
    let offset = jiff::Timestamp::from_microsecond(times.start)
        .map(|start| i64::from(zone.to_offset(start).seconds()) * MICROS)
        .unwrap_or_default();
    let first = (times.start + offset).div_euclid(step) * step + step - offset;
    (0..=(times.end - first).div_euclid(step)).map(|number| first + number * step).collect()
}

/// A mark of an axis of time: the hour, or the day where the axis is long.
fn clock(at: i64, times: &Range<i64>, zone: &TimeZone) -> String {
    let is_long = times.end - times.start > micros(Duration::from_hours(48));
    local(Timestamp::from_micros(at), zone, if is_long { "%b %-d" } else { "%H:%M" })
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// Numbers of trades to be marked, a few of them: the first, and round ones. `places` is how wide a trade is.
fn numbers(trades: usize, places: i64) -> Vec<i64> {
    let trades = count(trades);
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit: i64| digit * 10_i64.pow(power)));
    let step = steps.into_iter().find(|step| trades / step <= 8).unwrap_or(trades);
    let numbers =
        std::iter::once(1).chain((1..).map(|number| number * step)).take_while(|number| *number <= trades);
    let mut marks: Vec<i64> = if places == 1 {
        numbers.collect()
    } else {
        numbers.map(|number| (number - 1) * places + places / 2).collect()
    };
    marks.dedup();
    marks
}

/// `part` of `whole` as a length of at most `reach`.
fn part_of(part: i64, whole: i64, reach: i64) -> i64 {
    narrow(i128::from(part) * i128::from(reach) / i128::from(whole))
}

fn pixel(place: i64) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Leaves of each stretch its highest and its lowest point, in their order.
fn thinned(points: &[EquityPoint]) -> Vec<EquityPoint> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    let mut kept = Vec::with_capacity(MOST_POINTS + 2);
    for stretch in points.chunks(stretch) {
        let lowest = stretch.iter().min_by_key(|point| point.equity);
        let highest = stretch.iter().max_by_key(|point| point.equity);
        let mut both: Vec<EquityPoint> = lowest.into_iter().chain(highest).copied().collect();
        both.sort_by_key(|point| point.time);
        both.dedup();
        kept.append(&mut both);
    }
    kept.extend(points.last().filter(|last| kept.last() != Some(*last)));
    kept
}
