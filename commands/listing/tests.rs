use super::*;

struct Row {
    name: &'static str,
    title: &'static str,
    price: Option<Price>,
    profit: Money,
    held: Duration,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("market", "Market", |row| Figure::Name(row.name.to_owned())),
    Column::new("title", "Title", |row| Figure::Text(row.title.to_owned())),
    Column::new("price", "Price", |row| Figure::of(row.price, Figure::Price)),
    Column::new("profit", "P&L", |row| Figure::Profit(row.profit)),
    Column::unseen("held_seconds", |row| Figure::Span(row.held)),
];

fn rows() -> [Row; 2] {
    [
        Row {
            name: "KXRAIN-26DEC01-NYC",
            title: "Rain, \"heavy\"\u{1b}[2J?",
            price: None,
            profit: Money::from_raw(-1_234_567_890),
            held: Duration::from_secs(90),
        },
        Row {
            name: "KXRAIN-26DEC02-NYC",
            title: "Rain on the second of December in the city of New York, measured in the park",
            price: Some(Price::from_raw(875_000)),
            profit: Money::from_raw(5_000),
            held: Duration::ZERO,
        },
    ]
}

#[test]
fn a_table_keeps_names_whole_and_breaks_words() {
    insta::assert_snapshot!(List { columns: COLUMNS, rows: &rows() }.table(70));
}

#[test]
fn programs_get_every_column_exactly() {
    let rows = rows();
    let list = List { columns: COLUMNS, rows: &rows };
    let document: serde_json::Value =
        serde_json::from_str(&json(&list).expect("written")).expect("a document");
    assert_eq!(document[0]["profit"], "-1234.567890");
    assert_eq!(document[0]["price"], serde_json::Value::Null);
    assert_eq!(document[1]["price"], "0.8750");
    assert_eq!(document[0]["held_seconds"], 90);
    let csv = list.csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "market,title,price,profit,held_seconds");
    assert_eq!(lines[1], "KXRAIN-26DEC01-NYC,\"Rain, \"\"heavy\"\"\u{1b}[2J?\",,-1234.567890,90");
}

#[test]
fn a_narrow_table_breaks_neither_headers_nor_short_words() {
    const NARROW: &[Column<Row>] = &[
        Column::new("market", "Market", |row| Figure::Name(row.name.to_owned())),
        Column::new("side", "Outcome", |_| Figure::Text("yes".to_owned())),
        Column::new("title", "Title", |row| Figure::Text(row.title.to_owned())),
    ];
    let table = List { columns: NARROW, rows: &rows() }.table(30);
    assert!(table.lines().next().is_some_and(|header| header.contains("Outcome")), "{table}");
    assert!(table.contains(" yes "), "{table}");
}
