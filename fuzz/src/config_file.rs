//! Configuration files: any text is settings or a report of its faults, and what is shown of settings gives them again.

use kalshi_bot::config::schema::{KEYS, Kind};
use kalshi_bot::config::{self, Settings, Sources};
use std::path::Path;

/// Between the main file and the file of markets.
const SEPARATOR: &str = "\n#markets\n";
/// Most bytes that are looked at: what is longer only takes time.
const LONGEST: usize = 1 << 14;

/// A main file, and after a line `#markets` a file of market overrides.
pub fn config_file(input: &[u8]) {
    let input = &input[..input.len().min(LONGEST)];
    let text = String::from_utf8_lossy(input);
    let (main, markets) = text.split_once(SEPARATOR).unwrap_or((&text, ""));
    let folder = tempfile::tempdir().expect("a folder for two files");
    let settings = match load(folder.path(), main.as_bytes(), markets.as_bytes()) {
        Ok(settings) => settings,
        Err(report) => {
            assert!(!report.is_empty(), "a refusal without a word");
            return;
        }
    };
    let shown = settings.show();
    let (main, markets) = files_of(&shown);
    let again = load(folder.path(), main.as_bytes(), markets.as_bytes())
        .unwrap_or_else(|report| panic!("what is shown can't be loaded:\n{report}\n{shown}"));
    assert_eq!(values(&settings), values(&again), "{shown}");
}

fn load(folder: &Path, main: &[u8], markets: &[u8]) -> Result<Settings, String> {
    let (file, markets_file) = (folder.join("my.toml"), folder.join("markets.toml"));
    std::fs::write(&file, main).expect("a file in an own folder");
    std::fs::write(&markets_file, markets).expect("a file in an own folder");
    let sources = Sources { file: Some(file), markets_file: Some(markets_file), ..Sources::default() };
    config::load(&sources).map_err(|error| error.to_string())
}

/// Every value in force, by key. Of secrets only whether they are set is shown, so they are left out.
fn values(settings: &Settings) -> Vec<(String, String)> {
    let shown = settings.shown().into_iter();
    shown.filter(|one| !is_secret(&one.key)).map(|one| (one.key, one.value)).collect()
}

fn is_secret(path: &str) -> bool {
    KEYS.iter().any(|key| key.path == path && matches!(key.kind, Kind::Secret))
}

/// What is shown, as the two files that give it.
fn files_of(shown: &str) -> (String, String) {
    let (mut main, mut markets) = (String::new(), String::new());
    let (mut section, mut is_market) = (String::new(), false);
    for line in shown.lines() {
        if let Some(table) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_market = ["series.", "category."].iter().any(|start| table.starts_with(start));
            table.clone_into(&mut section);
        }
        let name = line.split(" =").next().unwrap_or_default();
        let file = if is_market { &mut markets } else { &mut main };
        match is_secret(&format!("{section}.{name}")) {
            // Only that it is set is shown; other settings may need it.
            true if line.contains("(set)") => file.extend([name, " = \"secret\""]),
            true => {}
            false => file.push_str(line),
        }
        file.push('\n');
    }
    (main, markets)
}
