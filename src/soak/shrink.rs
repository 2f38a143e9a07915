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
    shrink_by(plan, life, in_folder)
}

fn shrink_by(
    plan: &Plan,
    life: Life,
    live: impl Fn(&Plan) -> Result<Life, SoakError>,
) -> Result<(Life, BTreeSet<usize>), SoakError> {
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
            let life = live(&plan.clone().only(&kept.iter().copied().collect()))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::audit::Violation;
    use crate::units::Timestamp;

    /// A life in which a rule is broken as long as both of these go wrong.
    fn needs(plan: &Plan, both: [usize; 2]) -> Life {
        let goes_wrong = |number| plan.faults.iter().any(|planned| planned.number == number);
        let violation = Violation { time: Timestamp::EPOCH, rule: "wrong_books", detail: String::new() };
        Life { violation: both.into_iter().all(goes_wrong).then_some(violation), ..Life::of_seed(plan.seed) }
    }

    #[test]
    fn what_a_violation_does_not_need_is_left_out() {
        let plan = Plan::of_seed(1, 24);
        assert!(plan.faults.len() > 20);
        for both in [[0, 1], [3, 17], [7, plan.faults.len() - 1]] {
            let life = needs(&plan, both);
            let (least, needed) = shrink_by(&plan, life, |plan| Ok(needs(plan, both))).expect("it lives");
            assert_eq!(needed, BTreeSet::from(both));
            assert!(least.violation.is_some());
        }
    }

    #[test]
    fn a_life_without_a_violation_is_not_lived_again() {
        let plan = Plan::of_seed(1, 24);
        let life = Life::of_seed(1);
        let (least, _) = shrink_by(&plan, life.clone(), |_| panic!("it is")).expect("nothing is lived");
        assert_eq!(least, life);
    }
}
