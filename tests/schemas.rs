//! What our client sends is what the exchange's own description of its API allows: paths, query names, bodies.
//!
//! Every operation is sent to a server that keeps what it is asked. The description lies beside the project; without it
//! the test says so and is over.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "schemas/asked.rs"]
mod asked;
#[path = "schemas/operations.rs"]
mod operations;

use asked::Asked;
use serde_json::Value;
use std::collections::BTreeSet;

/// The schema of each body.
const BODIES: [(&str, &str, &str); 7] = [
    ("POST", "/portfolio/events/orders", "CreateOrderV2Request"),
    ("POST", "/portfolio/events/orders/{}/amend", "AmendOrderV2Request"),
    ("POST", "/portfolio/events/orders/{}/decrease", "DecreaseOrderV2Request"),
    ("POST", "/portfolio/events/orders/batched", "BatchCreateOrdersV2Request"),
    ("DELETE", "/portfolio/events/orders/batched", "BatchCancelOrdersV2Request"),
    ("POST", "/portfolio/order_groups/create", "CreateOrderGroupRequest"),
    ("PUT", "/portfolio/order_groups/{}/limit", "UpdateOrderGroupLimitRequest"),
];

fn description() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/kalshi/openapi-3.34-derived.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no description of the API at {path}");
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

/// A path with `{}` for every part that varies.
fn template(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The described operation that a request calls; one that is named in full beats one with parts that vary.
fn described<'a>(description: &'a Value, asked: &Asked) -> Option<(String, &'a Value)> {
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/'), asked.path.split('/'));
        wanted.clone().count() == given.clone().count()
            && wanted.zip(given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
    };
    let paths = description["paths"].as_object().expect("paths");
    let fitting = paths.iter().filter(|(path, methods)| fits(path) && methods.get(&asked.method).is_some());
    let (path, methods) = fitting.min_by_key(|(path, _)| path.matches('{').count())?;
    Some((template(path), &methods[&asked.method]))
}

fn validator(description: &Value, schema: &str) -> jsonschema::Validator {
    let document = serde_json::json!({
        "$ref": format!("#/components/schemas/{schema}"),
        "components": description["components"],
    });
    jsonschema::validator_for(&document).expect("a schema")
}

/// What a body says against its schema: faults of values, and names that the schema doesn't have.
fn body_faults(description: &Value, schema: &str, body: &Value) -> Vec<String> {
    let mut faults: Vec<String> =
        validator(description, schema).iter_errors(body).map(|error| error.to_string()).collect();
    let known = &description["components"]["schemas"][schema]["properties"];
    let names = body.as_object().expect("an object").keys();
    faults.extend(names.filter(|name| known.get(name).is_none()).map(|name| format!("{name} is unknown")));
    faults
}

#[tokio::test]
async fn every_operation_sends_what_the_exchange_describes() {
    let Some(description) = description() else { return };
    let mut covered = BTreeSet::new();
    for asked in operations::call_all().await {
        let what = format!("{} {}", asked.method, asked.path);
        let (path, operation) =
            described(&description, &asked).unwrap_or_else(|| panic!("{what} is unknown"));
        let named: BTreeSet<&str> = asked.query.iter().map(String::as_str).collect();
        let known: BTreeSet<&str> =
            operation["query"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert!(named.is_subset(&known), "{what}: {named:?}, where there are {known:?}");
        let is_needed = |parameter: &&Value| {
            parameter["required"] == true && known.contains(parameter["name"].as_str().unwrap_or_default())
        };
        for needed in operation["params"].as_array().expect("a list").iter().filter(is_needed) {
            assert!(named.contains(needed["name"].as_str().expect("a name")), "{what} lacks {needed}");
        }
        let schema = BODIES.iter().find(|(method, of, _)| *method == asked.method && *of == path);
        match (asked.body, schema) {
            (Some(body), Some((_, _, schema))) => {
                assert_eq!(body_faults(&description, schema, &body), Vec::<String>::new(), "{what}: {body}");
            }
            (Some(body), None) => panic!("{what} has a body without a schema: {body}"),
            (None, _) => assert!(asked.content_type.is_none(), "{what} names the type of no body"),
        }
        covered.insert(format!("{} {path}", asked.method));
    }
    let client: BTreeSet<String> = operations::of_the_client()
        .iter()
        .map(|operation| operation.split_once(' ').expect("method and path"))
        .map(|(method, path)| format!("{method} {}", template(path)))
        .collect();
    assert_eq!(covered, client, "covered here, and documented at the client");
}

#[test]
fn a_body_that_breaks_its_schema_is_seen() {
    let Some(description) = description() else { return };
    let order = serde_json::to_value(operations::order()).expect("written");
    let faults = |change: fn(&mut serde_json::Map<String, Value>)| {
        let mut order = order.clone();
        change(order.as_object_mut().expect("an object"));
        body_faults(&description, "CreateOrderV2Request", &order).len()
    };
    assert_eq!(faults(|_| {}), 0);
    assert_eq!(faults(|order| drop(order.remove("time_in_force"))), 1);
    assert_eq!(faults(|order| drop(order.insert("price".to_owned(), serde_json::json!(0.42)))), 1);
    assert_eq!(faults(|order| drop(order.insert("side".to_owned(), "yes".into()))), 1);
    assert_eq!(faults(|order| drop(order.insert("yes_price".to_owned(), 42.into()))), 1);
}
