//! One market's floor: the book that everybody sees, and behind it, at prices where accounts stand, who stands in which
//! place.
//!
//! At a price without accounts' orders all size is the public's and the book alone says how much. Where an account's order
//! rests there is a queue of chunks, the public's and the orders, oldest first; their sizes add up to the book's level.
//!
//! **One trade, two messages.** A public trade arrives as a print and as a delta of the level it took from, in either
//! order. A delta can't be told from a cancel, so what it takes comes from the back of the queue and leaves *ghosts*; a
//! print comes from the front. A print passes ghosts as if they still stood there, and what it takes from the front is
//! given back from ghosts further behind: in the end the level is as small as the delta said, once, and the queue has moved
//! as the print said. What a print took without a ghost to pay for it is *owed* by the delta to come. Both are forgotten
//! after [`PRINT_LAG`].

use super::{OrderKey, PrintView};
use crate::market::{Book, Level, Side};
use crate::units::{Price, Quantity, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How far a trade's print and its delta may lie apart. In recordings none lagged more than 55 ms.
pub(super) const PRINT_LAG: Duration = Duration::from_millis(100);
/// Prints that are kept.
const PRINTS_KEPT: usize = 1_000;

/// A book without orders that can be traded on.
pub(super) fn empty_book() -> Book {
    let mut book = Book::default();
    let emptied = book.replace(&[], &[]);
    debug_assert!(emptied.is_ok(), "no levels can't contradict each other");
    book
}

/// A market's book, queues and latest prints.
#[derive(Debug)]
pub(super) struct Floor {
    book: Book,
    /// By side, then by the price its owners pay for their own outcome: the best is last on both sides.
    queues: [BTreeMap<Price, Queue>; 2],
    prints: VecDeque<PrintView>,
}

/// Who stands at one price, oldest first.
#[derive(Debug)]
struct Queue {
    chunks: VecDeque<Chunk>,
    /// Public size that a print took and whose delta is still to come.
    owed: Quantity,
    /// When a ghost or a debt was last left.
    stirred: Timestamp,
}

#[derive(Debug)]
enum Chunk {
    Public { size: Quantity, ghost: Quantity },
    Order { key: OrderKey, size: Quantity },
}

/// Who is next to trade at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resting {
    Public(Quantity),
    Order(OrderKey, Quantity),
}

impl Default for Floor {
    fn default() -> Self {
        Self { book: empty_book(), queues: [BTreeMap::new(), BTreeMap::new()], prints: VecDeque::new() }
    }
}

impl Floor {
    pub(super) const fn book(&self) -> &Book {
        &self.book
    }

    pub(super) const fn prints(&self) -> &VecDeque<PrintView> {
        &self.prints
    }

    pub(super) fn keep_print(&mut self, print: PrintView) {
        if self.prints.len() == PRINTS_KEPT {
            self.prints.pop_front();
        }
        self.prints.push_back(print);
    }

    /// Who is next to trade at the best price of a side.
    pub(super) fn best(&self, side: Side) -> Option<(Price, Resting)> {
        let level = self.book.best(side)?;
        let next = self.queue(side, level.price).and_then(Queue::next);
        Some((level.price, next.unwrap_or(Resting::Public(level.size))))
    }

    /// The first order at a price better than `price`.
    pub(super) fn order_before(&self, side: Side, price: Price) -> Option<(Price, OrderKey, Quantity)> {
        let own = own(side, price);
        let better = self.queues[index(side)].iter().rev().take_while(|(standing, _)| **standing > own);
        better
            .filter_map(|(&standing, queue)| Some((standing, queue.first_order()?)))
            .map(|(standing, (key, size))| (side.outcome().yes_price(standing), key, size))
            .next()
    }

    /// Everybody on a side, in the order in which they would trade, with the price.
    pub(super) fn in_order(&self, side: Side) -> impl Iterator<Item = (Price, Resting)> + '_ {
        self.book.levels(side).flat_map(move |level| {
            let chunks = self.queue(side, level.price).map(|queue| &queue.chunks);
            let whole = chunks.is_none().then_some(Resting::Public(level.size));
            chunks
                .into_iter()
                .flatten()
                .map(Chunk::standing)
                .chain(whole)
                .map(move |next| (level.price, next))
        })
    }

    /// An order joins behind all that stands at its price.
    pub(super) fn join(&mut self, side: Side, price: Price, key: OrderKey, size: Quantity) {
        let standing = self.book.size_at(side, price);
        let queue = self.queues[index(side)].entry(own(side, price)).or_insert_with(|| Queue::of(standing));
        queue.chunks.push_back(Chunk::Order { key, size });
        self.change(side, price, size);
    }

    /// The public joins behind all that stands at the price.
    #[inline]
    pub(super) fn join_public(&mut self, side: Side, price: Price, size: Quantity) {
        if let Some(queue) = self.queue_mut(side, price) {
            match queue.chunks.back_mut() {
                Some(Chunk::Public { size: standing, .. }) => *standing += size,
                _ => queue.chunks.push_back(Chunk::Public { size, ghost: Quantity::ZERO }),
            }
        }
        self.change(side, price, size);
    }

    /// An order shrinks where it stands; it goes with its last contract.
    pub(super) fn shrink_order(&mut self, side: Side, price: Price, key: OrderKey, by: Quantity) {
        if let Some(queue) = self.queue_mut(side, price) {
            queue.shrink_order(key, by);
            self.change(side, price, -by);
            self.drop_if_done(side, price);
        }
    }

    /// An order takes from the public, oldest first.
    pub(super) fn take_public(&mut self, side: Side, price: Price, quantity: Quantity) {
        if let Some(queue) = self.queue_mut(side, price) {
            queue.take_front(quantity);
        }
        self.change(side, price, -quantity);
    }

    /// A delta takes from the public, from the back and never more than there is; gives what the level lost.
    #[inline]
    pub(super) fn withdraw(
        &mut self,
        now: Timestamp,
        side: Side,
        price: Price,
        quantity: Quantity,
    ) -> Quantity {
        let taken = match self.queue_mut(side, price) {
            Some(queue) => queue.withdraw(now, quantity),
            None => self.book.size_at(side, price).min(quantity),
        };
        if taken.is_positive() {
            self.change(side, price, -taken);
        }
        self.drop_if_done(side, price);
        taken
    }

    /// Takes public size off for good, from the back; gives what the level lost.
    pub(super) fn remove_public(&mut self, side: Side, price: Price, quantity: Quantity) -> Quantity {
        let taken = match self.queue_mut(side, price) {
            Some(queue) => queue.take_back(quantity, false),
            None => self.book.size_at(side, price).min(quantity),
        };
        if taken.is_positive() {
            self.change(side, price, -taken);
        }
        taken
    }

    /// A print of `left` contracts at this price passes the public before the first order. Gives what of it passed and
    /// what the level lost.
    pub(super) fn pass_print(
        &mut self,
        now: Timestamp,
        side: Side,
        price: Price,
        left: Quantity,
    ) -> (Quantity, Quantity) {
        let Some(queue) = self.queue_mut(side, price) else { return (left, Quantity::ZERO) };
        let (passed, lost) = queue.pass_print(now, left);
        if lost.is_positive() {
            self.change(side, price, -lost);
        }
        (passed, lost)
    }

    /// A print filled orders where the source saw the public fill: that much of what its delta took is accounted for.
    pub(super) fn settle_ghosts(&mut self, now: Timestamp, side: Side, price: Price, filled: Quantity) {
        if let Some(queue) = self.queue_mut(side, price) {
            queue.forget_old(now);
            queue.claim_ghosts(0, filled);
            self.drop_if_done(side, price);
        }
    }

    /// The order that is first at a price.
    pub(super) fn first_order(&self, side: Side, price: Price) -> Option<(OrderKey, Quantity)> {
        self.queue(side, price)?.first_order()
    }

    /// Contracts ahead of an order at its price.
    pub(super) fn ahead_of(&self, side: Side, price: Price, key: OrderKey) -> Option<Quantity> {
        let queue = self.queue(side, price)?;
        let at = queue.position(key)?;
        Some(queue.chunks.iter().take(at).map(Chunk::size).sum())
    }

    /// What the public has on a side, best first.
    pub(super) fn public_levels(&self, side: Side) -> Vec<Level> {
        let public = |level: Level| {
            let size = self.queue(side, level.price).map_or(level.size, Queue::public_size);
            size.is_positive().then_some(Level { price: level.price, size })
        };
        self.book.levels(side).filter_map(public).collect()
    }

    /// Forgets what prints and deltas owe each other: a snapshot says how things stand.
    pub(super) fn forget_owed(&mut self) {
        for queues in &mut self.queues {
            for queue in queues.values_mut() {
                queue.forget();
            }
            queues.retain(|_, queue| !queue.is_done());
        }
    }

    /// The level's book size changes. Callers take no more than stands there, so the book can't refuse.
    fn change(&mut self, side: Side, price: Price, change: Quantity) {
        let applied = self.book.apply(side, price, change);
        debug_assert!(applied.is_ok(), "the floor takes no more than stands: {applied:?}");
    }

    fn queue(&self, side: Side, price: Price) -> Option<&Queue> {
        let queues = &self.queues[index(side)];
        if queues.is_empty() { None } else { queues.get(&own(side, price)) }
    }

    fn queue_mut(&mut self, side: Side, price: Price) -> Option<&mut Queue> {
        let queues = &mut self.queues[index(side)];
        if queues.is_empty() { None } else { queues.get_mut(&own(side, price)) }
    }

    fn drop_if_done(&mut self, side: Side, price: Price) {
        if self.queue(side, price).is_some_and(Queue::is_done) {
            self.queues[index(side)].remove(&own(side, price));
        }
    }
}

impl Queue {
    fn of(public: Quantity) -> Self {
        let mut chunks = VecDeque::new();
        if public.is_positive() {
            chunks.push_back(Chunk::Public { size: public, ghost: Quantity::ZERO });
        }
        Self { chunks, owed: Quantity::ZERO, stirred: Timestamp::EPOCH }
    }

    /// Whether the book alone says all there is to know.
    fn is_done(&self) -> bool {
        self.owed.is_zero() && self.first_order().is_none()
    }

    fn next(&self) -> Option<Resting> {
        self.chunks.iter().find(|chunk| chunk.size().is_positive()).map(Chunk::standing)
    }

    fn first_order(&self) -> Option<(OrderKey, Quantity)> {
        self.chunks.iter().find_map(|chunk| match *chunk {
            Chunk::Order { key, size } => Some((key, size)),
            Chunk::Public { .. } => None,
        })
    }

    fn public_size(&self) -> Quantity {
        self.chunks.iter().filter(|chunk| matches!(chunk, Chunk::Public { .. })).map(Chunk::size).sum()
    }

    fn position(&self, order: OrderKey) -> Option<usize> {
        self.chunks.iter().position(|chunk| matches!(chunk, Chunk::Order { key, .. } if *key == order))
    }

    fn shrink_order(&mut self, order: OrderKey, by: Quantity) {
        let Some(at) = self.position(order) else { return };
        let Chunk::Order { size, .. } = &mut self.chunks[at] else { return };
        *size -= by;
        if !size.is_positive() {
            self.chunks.remove(at);
            self.join_neighbours(at);
        }
    }

    /// Two public chunks without an order between them are one.
    fn join_neighbours(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else { return };
        let Some(&Chunk::Public { size: added, ghost: ghosts }) = self.chunks.get(at) else { return };
        if let Chunk::Public { size, ghost } = &mut self.chunks[before] {
            *size += added;
            *ghost += ghosts;
            self.chunks.remove(at);
        }
    }

    fn take_front(&mut self, quantity: Quantity) {
        let mut left = quantity;
        for chunk in &mut self.chunks {
            if let Chunk::Public { size, .. } = chunk {
                let taken = left.min(*size);
                *size -= taken;
                left -= taken;
            }
        }
        self.drop_empty();
    }

    fn take_back(&mut self, quantity: Quantity, leaves_ghosts: bool) -> Quantity {
        let mut left = quantity;
        for chunk in self.chunks.iter_mut().rev() {
            if let Chunk::Public { size, ghost } = chunk {
                let taken = left.min(*size);
                *size -= taken;
                left -= taken;
                if leaves_ghosts {
                    *ghost += taken;
                }
            }
        }
        self.drop_empty();
        quantity - left
    }

    fn withdraw(&mut self, now: Timestamp, quantity: Quantity) -> Quantity {
        self.forget_old(now);
        let paid = self.owed.min(quantity);
        self.owed -= paid;
        self.stirred = now;
        self.take_back(quantity - paid, true)
    }

    fn pass_print(&mut self, now: Timestamp, print: Quantity) -> (Quantity, Quantity) {
        self.forget_old(now);
        let (mut left, mut lost) = (print, Quantity::ZERO);
        while let Some(Chunk::Public { size, ghost }) = self.chunks.front_mut() {
            let passed = left.min(*ghost);
            *ghost -= passed;
            left -= passed;
            let taken = left.min(*size);
            *size -= taken;
            left -= taken;
            let is_through = size.is_zero() && ghost.is_zero();
            lost += taken - self.give_back(taken);
            if !is_through {
                break;
            }
            self.chunks.pop_front();
        }
        self.owed += lost;
        self.stirred = now;
        (print - left, lost)
    }

    /// Turns up to `quantity` of the ghosts behind the first chunk into size again.
    fn give_back(&mut self, quantity: Quantity) -> Quantity {
        let mut left = quantity;
        for chunk in self.chunks.iter_mut().skip(1).rev() {
            if let Chunk::Public { size, ghost } = chunk {
                let given = left.min(*ghost);
                *ghost -= given;
                *size += given;
                left -= given;
            }
        }
        quantity - left
    }

    fn claim_ghosts(&mut self, from: usize, quantity: Quantity) {
        let mut left = quantity;
        for chunk in self.chunks.iter_mut().skip(from).rev() {
            if let Chunk::Public { ghost, .. } = chunk {
                let claimed = left.min(*ghost);
                *ghost -= claimed;
                left -= claimed;
            }
        }
        self.drop_empty();
    }

    fn forget_old(&mut self, now: Timestamp) {
        if self.stirred.until(now) > PRINT_LAG {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.owed = Quantity::ZERO;
        for chunk in &mut self.chunks {
            if let Chunk::Public { ghost, .. } = chunk {
                *ghost = Quantity::ZERO;
            }
        }
        self.drop_empty();
    }

    fn drop_empty(&mut self) {
        self.chunks.retain(
            |chunk| !matches!(chunk, Chunk::Public { size, ghost } if size.is_zero() && ghost.is_zero()),
        );
    }
}

impl Chunk {
    const fn size(&self) -> Quantity {
        match *self {
            Self::Public { size, .. } | Self::Order { size, .. } => size,
        }
    }

    const fn standing(&self) -> Resting {
        match *self {
            Self::Public { size, .. } => Resting::Public(size),
            Self::Order { key, size } => Resting::Order(key, size),
        }
    }
}

const fn index(side: Side) -> usize {
    match side {
        Side::Bid => 0,
        Side::Ask => 1,
    }
}

/// What the owners of an order at this YES price pay for their own outcome.
fn own(side: Side, price: Price) -> Price {
    side.outcome().yes_price(price)
}
