use super::*;
#[test]
fn probe() {
    use std::io::Write;
    let mut settings = GeneratedSettings::default();
    if std::env::var("FAST").is_ok() { settings.mix = Mix::QuarterHour; settings.markets = 9; }
    if let Ok(seed) = std::env::var("SEED") { settings.seed = seed.parse().unwrap(); }
    let mut source = GeneratedMarkets::new(&settings);
    let mut out = std::io::BufWriter::new(std::fs::File::create(std::env::var("DUMP").unwrap()).unwrap());
    while let Some((at, item)) = source.next().unwrap() {
        match item {
            Item::Frame(f) => {
                write!(out, "{{\"recv_ms\":{},\"event\":", at.micros() / 1000).unwrap();
                out.write_all(f).unwrap();
                out.write_all(b"}\n").unwrap();
            }
            Item::Event(Event::Listed(spec)) => writeln!(out, "{}", serde_json::to_string(spec).unwrap()).unwrap(),
            _ => {}
        }
    }
}
