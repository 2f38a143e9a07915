//! What the simulated exchange answers and sends is what the exchange's own descriptions allow.
//!
//! Every operation of the client is asked, and every kind of frame provoked, and each is held against its schema. The
//! descriptions lie beside the project; without them the tests say so and are over.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "sim_schemas/exchange.rs"]
mod exchange;
#[path = "sim_schemas/frames.rs"]
mod frames;
#[path = "sim_schemas/operations.rs"]
mod operations;

use serde_json::Value;

/// A description of the exchange, or nothing, said.
fn described(file: &str) -> Option<Value> {
    let path = format!("{}/../shared/kalshi/{file}", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no description of the API at {path}");
        return None;
    };
    // JSON is YAML too.
    Some(serde_yaml_ng::from_str(&text).expect("a document"))
}

/// What a body says against a schema of the description.
fn faults(description: &Value, schema: &str, body: &Value) -> Vec<String> {
    let document = serde_json::json!({
        "$ref": format!("#/components/schemas/{schema}"),
        "components": {"schemas": description["components"]["schemas"]},
    });
    let validator = jsonschema::validator_for(&document).expect("a schema");
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
