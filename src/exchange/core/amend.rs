//! Resting orders changed. A smaller size or another expiry leaves an order its place; a new price or a larger size sends
//! it to the back of the queue, and there it may cross and fill.

use super::account::Claim;
use super::{
    AccountId, Amendment, Exchange, Expiry, OrderKey, OrderView, Placed, Refusal, Standing, matching::Taken,
};
use crate::units::{Quantity, Timestamp};

impl Exchange {
    /// Changes a resting order. The answer's fills are those of the change alone.
    ///
    /// # Errors
    /// [`Refusal`] when the account has no such resting order, the amendment names another market, side or client id, or
    /// the changed order would not be taken as a new one. Nothing was changed then.
    pub fn amend(
        &mut self,
        now: Timestamp,
        account: AccountId,
        order: OrderKey,
        amendment: Amendment,
    ) -> Result<Placed, Refusal> {
        self.advance(now);
        let ticket = self.resting_order(account, order)?;
        let (market, view) = (ticket.market, &ticket.view);
        let wanted = amendment.quantity - view.filled;
        let is_smaller = wanted <= view.remaining;
        let stays = is_smaller && amendment.price == view.request.price;
        self.check_amendment(market, view, &amendment)?;
        let off = view.remaining - wanted;
        self.rename(account, order, amendment.new_client_order_id);
        self.set_expiry(order, amendment.expiry);
        if stays {
            if off.is_positive() {
                self.shrink(order, off);
            }
            self.ticket_mut(order).view.updated = self.clock;
            self.tell_order(order);
            return Ok(self.placed(order, &Taken::default()));
        }
        self.lift(order);
        let view = &mut self.ticket_mut(order).view;
        view.request.price = amendment.price;
        view.request.quantity = amendment.quantity;
        view.remaining = wanted;
        let taken = self.take(order, wanted);
        match taken.stopped {
            _ if taken.filled == wanted => self.execute(order),
            Some(removal) => self.end(order, removal),
            None => self.rest(order),
        }
        Ok(self.placed(order, &taken))
    }

    fn check_amendment(&self, market: usize, view: &OrderView, amendment: &Amendment) -> Result<(), Refusal> {
        let request = &view.request;
        if amendment.ticker != request.ticker {
            return Err(Refusal::TickerMismatch);
        }
        if amendment.side != request.side {
            return Err(Refusal::SideMismatch);
        }
        if amendment.client_order_id.is_some() && amendment.client_order_id != request.client_order_id {
            return Err(Refusal::ClientIdMismatch);
        }
        self.check_open(market)?;
        self.check_terms(market, amendment.price, amendment.quantity)?;
        let wanted = amendment.quantity - view.filled;
        if wanted <= Quantity::ZERO {
            return Err(Refusal::InvalidQuantity);
        }
        if matches!(amendment.expiry, Expiry::At(expires) if expires <= self.clock) {
            return Err(Refusal::InvalidExpiry);
        }
        if let Some(id) = &amendment.new_client_order_id
            && amendment.new_client_order_id != request.client_order_id
        {
            self.check_client_id(view.account, id)?;
        }
        if request.post_only && self.would_cross(market, request.side, amendment.price) {
            return Err(Refusal::PostOnlyCross);
        }
        let claim = Claim { side: request.side, price: amendment.price, quantity: wanted };
        self.check_cash(view.account, market, Some(view.key), claim)
    }

    /// The old name stays taken: ids are unique among all orders of the account that ever were.
    fn rename(&mut self, account: AccountId, key: OrderKey, name: Option<String>) {
        let Some(name) = name else { return };
        self.account_mut(account).client_ids.insert(name.clone(), key);
        self.ticket_mut(key).view.request.client_order_id = Some(name);
    }

    fn set_expiry(&mut self, key: OrderKey, expiry: Expiry) {
        let expires = match expiry {
            Expiry::Keep => return,
            Expiry::Remove => None,
            Expiry::At(expires) => Some(expires),
        };
        self.ticket_mut(key).view.request.standing = Standing::GoodTillCancelled { expires };
        if let Some(expires) = expires {
            self.expect_expiry(key, expires);
        }
    }
}
