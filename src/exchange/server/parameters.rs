//! What stands after the question mark, and the pages that lists are cut into.
//!
//! A cursor is opaque: it holds the place where the next page starts and a mark of the filters it was made under, so
//! that it can't be carried over to another list.

use super::answer::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Names and values of a query, decoded, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::bad_request(error.body_text()))?;
        Ok(Self(pairs))
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    limit: usize,
    /// Where the page before stopped.
    from: Option<usize>,
    filters: u64,
}

impl Parameters {
    #[cfg(test)]
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// A value, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Every value of a name that may be repeated.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The values of a comma-separated list; `None` when it isn't given.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.text(name)?.split(',').map(str::trim).filter(|text| !text.is_empty()).collect())
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.text(name)
            .map(|text| {
                text.parse().map_err(|_| Problem::bad_request(format!("{name}: {text:?} is no whole number")))
            })
            .transpose()
    }

    /// A shard's number; -1 and nothing leave it open.
    pub(super) fn shard(&self) -> Result<Option<u8>, Problem> {
        let Some(number) = self.number("exchange_index")?.filter(|number| *number != -1) else {
            return Ok(None);
        };
        u8::try_from(number)
            .map(Some)
            .map_err(|_| Problem::bad_request(format!("exchange_index: there is no shard {number}")))
    }

    /// `true`, or anything else.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The page that is wanted of the list `what`.
    pub(super) fn page(&self, what: &str, default: usize, most: usize) -> Result<Page, Problem> {
        let limit = match self.number("limit")? {
            None | Some(0) => default,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| *limit <= most)
                .ok_or_else(|| Problem::bad_request(format!("limit: from 0 to {most}")))?,
        };
        let filters = self.mark(what);
        let from = self.text("cursor").map(|cursor| place(cursor, filters)).transpose()?;
        Ok(Page { limit, from, filters })
    }

    /// A number that stands for the list and its filters, whatever their order.
    fn mark(&self, what: &str) -> u64 {
        let mut filters: Vec<_> =
            self.0.iter().filter(|(name, _)| name != "cursor" && name != "limit").collect();
        filters.sort();
        let mut hash = fnv(what, 0xcbf2_9ce4_8422_2325);
        for (name, value) in filters {
            hash = fnv(value, fnv(name, hash));
        }
        hash
    }
}

impl Page {
    /// A page of a list that is read from its last place to its first: `item` gives what stands at a place, unless
    /// the filters leave it out. Items that join at the end later don't disturb the pages.
    pub(super) fn newest_first<T>(
        self,
        places: usize,
        mut item: impl FnMut(usize) -> Option<T>,
    ) -> (Vec<T>, String) {
        let mut items = Vec::new();
        for place in (0..self.from.unwrap_or(places).min(places)).rev() {
            if let Some(found) = item(place) {
                if items.len() == self.limit {
                    return (items, self.cursor(place + 1));
                }
                items.push(found);
            }
        }
        (items, String::new())
    }

    /// A page of a list that is read from its first place on.
    pub(super) fn oldest_first<T>(
        self,
        places: usize,
        mut item: impl FnMut(usize) -> Option<T>,
    ) -> (Vec<T>, String) {
        let mut items = Vec::new();
        for place in self.from.unwrap_or(0)..places {
            if let Some(found) = item(place) {
                if items.len() == self.limit {
                    return (items, self.cursor(place));
                }
                items.push(found);
            }
        }
        (items, String::new())
    }

    fn cursor(self, place: usize) -> String {
        URL_SAFE_NO_PAD.encode(format!("{:016x}.{place}", self.filters))
    }
}

/// Where a cursor points, if it was made under these filters.
fn place(cursor: &str, filters: u64) -> Result<usize, Problem> {
    let refused = || Problem::bad_request("cursor: it isn't one of this list under these filters");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let (mark, place) = text.split_once('.').ok_or_else(refused)?;
    if mark != format!("{filters:016x}") {
        return Err(refused());
    }
    place.parse().map_err(|_| refused())
}

/// FNV-1a, with a byte between texts so that they can't run together.
fn fnv(text: &str, start: u64) -> u64 {
    text.bytes()
        .chain([0xff])
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(pairs: &[(&str, &str)]) -> Result<Page, Problem> {
        Parameters::of(pairs).page("/things", 3, 10)
    }

    #[test]
    fn pages_cover_a_list_once_and_end() {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = page(&[("limit", "4"), ("cursor", &cursor)]).expect("a page");
            let (items, next) = page.newest_first(10, |place| (place % 5 != 0).then_some(place));
            seen.extend(items);
            if next.is_empty() {
                break;
            }
            cursor = next;
        }
        assert_eq!(seen, [9, 8, 7, 6, 4, 3, 2, 1]);
        let (items, next) = page(&[]).expect("a page").oldest_first(3, Some);
        assert_eq!((items, next.as_str()), (vec![0, 1, 2], ""), "a full last page has no cursor");
    }

    #[test]
    fn what_joins_later_doesnt_disturb_the_pages() {
        let (_, cursor) = page(&[]).expect("a page").newest_first(6, Some);
        let (items, _) = page(&[("cursor", &cursor)]).expect("a page").newest_first(60, Some);
        assert_eq!(items, [2, 1, 0]);
    }

    #[test]
    fn a_cursor_belongs_to_its_filters() {
        let filtered = [("status", "open"), ("series_ticker", "A")];
        let (_, cursor) = page(&filtered).expect("a page").newest_first(9, Some);
        let again = [("series_ticker", "A"), ("cursor", cursor.as_str()), ("status", "open"), ("limit", "7")];
        assert!(page(&again).is_ok(), "neither order nor limit matters");
        for other in [&[("cursor", cursor.as_str())][..], &[("status", "open"), ("cursor", &cursor)]] {
            assert_eq!(page(other).expect_err("another list").status, axum::http::StatusCode::BAD_REQUEST);
        }
        assert!(page(&[("cursor", "what")]).is_err());
    }

    #[test]
    fn a_limit_has_bounds() {
        assert_eq!(page(&[("limit", "0")]).expect("the default").limit, 3);
        assert_eq!(page(&[("limit", "10")]).expect("the most").limit, 10);
        for refused in ["11", "-1", "many"] {
            assert!(page(&[("limit", refused)]).is_err(), "{refused}");
        }
    }
}
