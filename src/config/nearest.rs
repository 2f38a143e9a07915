//! What a misspelt key was probably meant to be.

/// The known name closest to `typed`, if one is close enough to be meant. A name in the wrong section counts as
/// one slip beside those of the name itself.
pub(crate) fn find<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const MOST_SLIPS: usize = 3;
    // Nothing of this length is a slip of the pen, and comparing it would take long.
    const LONGEST: usize = 100;
    if typed.len() > LONGEST {
        return None;
    }
    let leaf = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let typed_leaf = leaf(typed);
    known
        .map(|name| {
            let whole = strsim::damerau_levenshtein(typed, name);
            let last = strsim::damerau_levenshtein(&typed_leaf, &leaf(name));
            let elsewhere = if last * 4 <= typed_leaf.len() { last + 1 } else { usize::MAX };
            (whole.min(elsewhere), whole, name)
        })
        .filter(|(slips, ..)| *slips <= MOST_SLIPS && *slips * 3 <= typed.len())
        .min()
        .map(|(.., name)| name)
}
