//! What each endpoint costs: the exceptions that the exchange lists, matched by method and path.

use super::DEFAULT_COST;
use crate::kalshi::model::EndpointCosts;
use std::cmp::Reverse;

/// The costs of all endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    default: u32,
    /// The most specific first.
    exceptions: Vec<Exception>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    method: String,
    pattern: Vec<Part>,
    cost: u32,
}

/// A part of a path pattern. The order is that of preference: what is named beats what varies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// `*name`: whatever follows.
    Rest,
    /// `:name`: any one segment.
    Any,
    /// This segment.
    Named(String),
}

impl Default for Costs {
    /// Every endpoint at the default.
    fn default() -> Self {
        Self { default: DEFAULT_COST, exceptions: Vec::new() }
    }
}

impl From<&EndpointCosts> for Costs {
    fn from(listed: &EndpointCosts) -> Self {
        let mut exceptions: Vec<Exception> = listed
            .endpoint_costs
            .iter()
            .map(|entry| Exception {
                method: entry.method.to_ascii_uppercase(),
                pattern: segments(&entry.path).map(part).collect(),
                cost: entry.cost,
            })
            .collect();
        exceptions.sort_by_key(|exception| Reverse(exception.pattern.clone()));
        Self { default: listed.default_cost, exceptions }
    }
}

impl Costs {
    /// What one request costs. `path` is the whole one, from `/trade-api` on.
    pub fn of(&self, method: &str, path: &str) -> u32 {
        let path: Vec<&str> = segments(path).collect();
        let exception =
            self.exceptions.iter().find(|one| one.method == method && matches(&one.pattern, &path));
        exception.map_or(self.default, |exception| exception.cost)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn part(segment: &str) -> Part {
    if segment.starts_with('*') {
        Part::Rest
    } else if segment.starts_with(':') || (segment.starts_with('{') && segment.ends_with('}')) {
        Part::Any
    } else {
        Part::Named(segment.to_owned())
    }
}

fn matches(pattern: &[Part], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) | ([Part::Rest, ..], _) => true,
        ([Part::Any, pattern @ ..], [_, path @ ..]) => matches(pattern, path),
        ([Part::Named(name), pattern @ ..], [segment, path @ ..]) => {
            name == segment && matches(pattern, path)
        }
        _ => false,
    }
}
