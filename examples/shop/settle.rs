//! Brings one order to its end: customer, charge, receipt, mail. Every step may be repeated.

use std::{sync::Arc, time::Duration};

use anyvendor::{
    Error, Kind, Vendors,
    email::EmailProvider,
    messaging::MessagingProvider,
    payment::{
        ConfirmPayment, CreatePayment, CustomerRequest, GetPayment, NextAction, Payment,
        PaymentOutcome, PaymentProvider,
    },
    storage::{ContentHeaders, Presign, PutObject, StorageProvider},
    values::{EmailAddress, IdempotencyKey, Money, ObjectKey, VendorId},
};
use anyvendor_conformance::Payer;
use futures_util::{StreamExt, TryStreamExt, stream};
use url::Url;

use crate::{
    cards::{Answer, TestCards},
    mail::{self, Occasion},
    orders::Order,
    outcome::{Before, NoticeState, Outcome},
    receipt,
    record::{self, Record},
    text,
};

/// How long a receipt's link is good: a week, the longest that common vendors allow.
const LINK_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often an order is taken up again in one run after it could not be settled.
const ROUNDS: u32 = 5;

/// The shop: who takes its payments, sends its mail and keeps its receipts.
#[derive(Debug, Clone)]
pub struct Shop {
    payment: Arc<dyn PaymentProvider>,
    email: Arc<dyn EmailProvider>,
    storage: Arc<dyn StorageProvider>,
    /// Not every shop writes to phones.
    messaging: Option<Arc<dyn MessagingProvider>>,
    /// Somebody who acts for the payers, where there are no people.
    payer: Option<Arc<dyn Payer>>,
    cards: TestCards,
    from: EmailAddress,
    site: Url,
}

impl Shop {
    /// A shop at `site` that mails from `from`.
    ///
    /// # Errors
    /// `Config` when the configuration lacks one of the three vendors.
    pub fn new(
        vendors: &Vendors,
        cards: TestCards,
        from: EmailAddress,
        site: Url,
    ) -> Result<Self, Error> {
        Ok(Self {
            payment: vendors.payment()?,
            email: vendors.email()?,
            storage: vendors.storage()?,
            messaging: vendors.messaging().ok(),
            payer: None,
            cards,
            from,
            site,
        })
    }

    /// Lets somebody act for the payers on the vendors' pages, as the file of test cards says.
    #[must_use]
    pub fn with_payer(mut self, payer: Arc<dyn Payer>) -> Self {
        self.payer = Some(payer);
        self
    }

    /// What earlier runs did for each order, in the orders' order.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn before(&self, orders: &[Order], jobs: usize) -> Result<Vec<Before>, Error> {
        let mut work = Vec::with_capacity(orders.len());
        for order in orders {
            work.push(record::load(&*self.storage, order));
        }
        let records = stream::iter(work).buffered(jobs.max(1));
        let before = records.map_ok(|record| match record {
            None => Before::Nothing,
            Some(record) if record.paid => Before::Paid,
            Some(_) => Before::Asked,
        });
        before.try_collect().await
    }

    /// What the vendor says was taken of a payment: for payments that no event tells of.
    pub(crate) async fn look_up(&self, payment: &VendorId) -> Result<Money, Error> {
        let payment = self.payment.get(GetPayment::new(payment.clone())).await?;
        Ok(payment.captured)
    }

    /// Settles all orders, `jobs` at a time, and tells `done` of each as it ends. The outcomes are in the orders' order.
    pub async fn settle_all(
        &self,
        orders: &[Order],
        jobs: usize,
        done: impl Fn(&Order, &Outcome),
    ) -> Vec<Outcome> {
        let mut work = Vec::with_capacity(orders.len());
        for (at, order) in orders.iter().enumerate() {
            work.push(async move { (at, order, self.settle(order).await) });
        }
        let mut work = stream::iter(work).buffer_unordered(jobs.max(1));
        let mut outcomes = vec![None; orders.len()];
        while let Some((at, order, outcome)) = work.next().await {
            done(order, &outcome);
            if let Some(place) = outcomes.get_mut(at) {
                *place = Some(outcome);
            }
        }
        outcomes.into_iter().flatten().collect()
    }

    /// Settles one order; what did not work is tried again after a while, under the same key.
    pub async fn settle(&self, order: &Order) -> Outcome {
        if let Some(first) = &order.repeats {
            return Outcome::Repeated(first.clone());
        }
        let mut round = 1;
        loop {
            let (why, wait) = match self.take(order).await {
                Ok(outcome) => return outcome,
                Err(error) if is_final(&error) => return Outcome::Refused(error.to_string()),
                Err(error) => (error.to_string(), error.retry_after()),
            };
            if round == ROUNDS {
                return Outcome::Unsettled(why);
            }
            let own = Duration::from_secs(1 << (round - 1));
            tokio::time::sleep(wait.unwrap_or(own).max(own)).await;
            round += 1;
        }
    }

    async fn take(&self, order: &Order) -> Result<Outcome, Error> {
        let known = record::load(&*self.storage, order).await?;
        if let Some(record) = &known {
            if record.amount != order.amount.to_string() {
                let why = format!(
                    "the order was taken before with another amount: {}",
                    record.amount
                );
                return Ok(Outcome::Refused(why));
            }
            if record.paid {
                return self.finish(order, record.clone()).await;
            }
        }
        let mut outcome = self.charge(order).await?;
        // A repeated request gets its first answer, and a payer may have come back: it goes on from how it stands now.
        if let PaymentOutcome::RequiresAction(payment, _)
        | PaymentOutcome::Incomplete(payment)
        | PaymentOutcome::Processing(payment) = &outcome
        {
            outcome = self.confirm(order, payment).await?;
        }
        if let (PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)), None) =
            (&outcome, &known)
            && self.payer_acts(order, page.expose_url()).await
        {
            outcome = self.confirm(order, payment).await?;
        }
        let why = match outcome {
            PaymentOutcome::Captured(payment) => return self.hand_over(order, &payment).await,
            PaymentOutcome::Declined(decline, _) => {
                return Ok(Outcome::Declined(decline.code.as_str().to_owned()));
            }
            PaymentOutcome::RequiresAction(payment, action) => {
                return self.ask_payer(order, &payment, &action, known).await;
            }
            PaymentOutcome::Processing(_) => "the vendor is still at it",
            PaymentOutcome::Authorized(_)
            | PaymentOutcome::Incomplete(_)
            | PaymentOutcome::Cancelled(_) => {
                "the payment is in a state that this shop never asks for"
            }
        };
        Ok(Outcome::Unsettled(why.to_owned()))
    }

    async fn confirm(&self, order: &Order, payment: &Payment) -> Result<PaymentOutcome, Error> {
        let key = IdempotencyKey::new(format!("order-{}-confirm", order.number))?;
        let back = self.page(&["orders", &order.number, "paid"]);
        let request = ConfirmPayment::new(payment.id.clone(), key).with_return_url(back);
        self.payment.confirm(request).await
    }

    /// Whether somebody acted for the payer on this page.
    async fn payer_acts(&self, order: &Order, page: &Url) -> bool {
        let answer = self.cards.answer(&order.card);
        match &self.payer {
            Some(payer) if answer != Answer::Leave => {
                payer.act(page, answer == Answer::Approve).await;
                true
            }
            _ => false,
        }
    }

    /// Charges under the order's own key: the same order is the same payment, however often it is asked for.
    async fn charge(&self, order: &Order) -> Result<PaymentOutcome, Error> {
        let on_page = self.payment.capabilities().source.on_vendor_page;
        let source = self
            .cards
            .source(&order.card, self.payment.vendor(), on_page)
            .map_err(|error| Error::invalid("card", error))?;
        let customer = self.customer(order).await?;
        let key = IdempotencyKey::new(format!("order-{}", order.number))?;
        let back = self.page(&["orders", &order.number, "paid"]);
        let mut request = CreatePayment::new(order.amount, key)
            .with_reference(order.number.clone())
            .with_customer(customer)
            .with_customer_reference(order.customer.clone())
            .with_return_url(back)
            .with_description(format!("Order {}", order.number));
        request.source = source.map(Into::into);
        self.payment.create(request).await
    }

    /// The vendor's customer, where the vendor keeps any. A wrong address does not stop a payment.
    async fn customer(&self, order: &Order) -> Result<Option<VendorId>, Error> {
        let mut request = CustomerRequest::new(&order.customer).with_name(order.name.clone());
        request.email = EmailAddress::new(&order.email).ok();
        match self.payment.get_or_create_customer(request).await {
            Ok(customer) => Ok(Some(customer.id)),
            Err(error) if error.kind() == &Kind::Unsupported => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn ask_payer(
        &self,
        order: &Order,
        payment: &Payment,
        action: &NextAction,
        known: Option<Record>,
    ) -> Result<Outcome, Error> {
        if let Some(record) = known {
            return Ok(Outcome::AwaitingPayer(record.mail));
        }
        let link = match action {
            NextAction::Redirect(url) => url.expose().to_owned(),
            _ => self.page(&["orders", &order.number, "confirm"]).into(),
        };
        let mail = mail::send(&*self.email, &self.from, order, Occasion::Confirm, &link).await?;
        self.remember(order, payment, false, &mail).await?;
        Ok(Outcome::AwaitingPayer(mail))
    }

    /// Receipt and mail for what is paid.
    async fn hand_over(&self, order: &Order, payment: &Payment) -> Result<Outcome, Error> {
        let key = receipt_key(order)?;
        let page = receipt::html(order, &payment.id.to_string());
        let put = PutObject::new(key.clone(), page)
            .with_content(ContentHeaders::of_type("text/html; charset=utf-8"));
        self.storage.put(put).await?;
        let link = self
            .storage
            .presign(Presign::get(key.clone(), LINK_LIFE))
            .await?;
        let link = link.url.expose();
        let mail = mail::send(&*self.email, &self.from, order, Occasion::Paid, link).await?;
        let record = self.remember(order, payment, true, &mail).await?;
        self.finish(order, record).await
    }

    /// The text, once, and then all is done. It comes after the mail is remembered, so that a text that did not go out
    /// brings no second mail.
    async fn finish(&self, order: &Order, mut record: Record) -> Result<Outcome, Error> {
        if let (Some(messaging), Some(phone), None) = (&self.messaging, &order.phone, &record.text)
        {
            record.text = Some(text::send(&**messaging, order, phone).await?);
            record::save(&*self.storage, order, &record).await?;
        }
        Ok(Outcome::Charged {
            payment: record.payment,
            receipt: receipt_key(order)?,
            mail: record.mail,
            text: record.text,
        })
    }

    /// Only a crash between the mail and this record sends a mail twice.
    async fn remember(
        &self,
        order: &Order,
        payment: &Payment,
        paid: bool,
        mail: &NoticeState,
    ) -> Result<Record, Error> {
        let record = Record {
            amount: order.amount.to_string(),
            payment: payment.id.clone(),
            paid,
            mail: mail.clone(),
            text: None,
        };
        record::save(&*self.storage, order, &record).await?;
        Ok(record)
    }

    fn page(&self, path: &[&str]) -> Url {
        let mut page = self.site.clone();
        if let Ok(mut segments) = page.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        page
    }
}

fn receipt_key(order: &Order) -> Result<ObjectKey, Error> {
    Ok(ObjectKey::new(format!("receipts/{}.html", order.number))?)
}

/// Whether asking again would get the same answer, with nothing done.
fn is_final(error: &Error) -> bool {
    !error.is_unknown()
        && matches!(
            error.kind(),
            Kind::InvalidRequest | Kind::Unsupported | Kind::IdempotencyMismatch
        )
}
