//! The least that has to go wrong for a violation to show: faults are left out, many at first and then one by one, for
//! as long as the same rule is broken without them.

use super::life::{Life, SoakError};
use super::plan::Plan;
use super::range::in_folder;
use std::collections::BTreeSet;

/// Leaves out what a violation doesn't need. Gives the life that is left and the faults in it, by number.
///
/// # Errors
/// [`SoakError`] when a life can't be lived here.
pub fn shrink(plan: &Plan, life: Life) -> Result<(Life, BTreeSet<usize>), SoakError> {
    let mut needed: Vec<usize> = plan.faults.iter().map(|planned| planned.number).collect();
    let mut least = life;
    let Some(rule) = least.violation.as_ref().map(|violation| violation.rule) else {
        return Ok((least, needed.into_iter().collect()));
    };
    let mut part = needed.len();
    while part > 0 {
        let mut from = 0;
        while from < needed.len() {
            let kept: Vec<usize> = needed
                .iter()
                .enumerate()
                .filter(|(at, _)| !(from..from + part).contains(at))
                .map(|(_, number)| *number)
                .collect();
            let life = in_folder(&plan.clone().only(&kept.iter().copied().collect()))?;
            if life.violation.as_ref().is_some_and(|violation| violation.rule == rule) {
                (needed, least) = (kept, life);
            } else {
                from += part;
            }
        }
        part /= 2;
    }
    Ok((least, needed.into_iter().collect()))
}
