//! Ends the validity of an approval or of an authorization early, so that tests need not wait for it.

use super::context::Context;
use super::events::EventKind;

impl Context<'_> {
    /// Expires the approval of this order, or this authorization. Returns `false` if there is no object with that id.
    pub(super) fn expire(&mut self, id: &str) -> bool {
        let now = self.now;
        if let Some(order) = self.account.orders.get_mut(id) {
            let reversed = order.status == "APPROVED" && now < order.expires;
            order.expires = 0;
            if reversed {
                self.event(EventKind::ApprovalReversed, id);
            }
            return true;
        }
        let Some(auth) = self.account.authorizations.get_mut(id) else {
            return false;
        };
        let voided = auth.status == "CREATED" && now < auth.expires;
        auth.expires = 0;
        if voided {
            self.event(EventKind::AuthorizationVoided, id);
        }
        true
    }
}
