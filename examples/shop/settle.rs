//! Settles one order: customer, charge, receipt, email. Every step can be repeated.

use std::{sync::Arc, time::Duration};

use anyvendor::{
    Error, Kind, Vendors,
    email::EmailProvider,
    messaging::MessagingProvider,
    payment::{
        ConfirmPayment, CreatePayment, CustomerRequest, GetPayment, NextAction, Payment,
        PaymentOutcome, PaymentProvider, PaymentSource,
    },
    storage::{ContentHeaders, Presign, PutObject, StorageProvider},
    values::{EmailAddress, IdempotencyKey, Money, ObjectKey, VendorId},
};
use anyvendor_conformance::Payer;
use futures_util::{StreamExt, TryStreamExt, stream};
use url::Url;

use crate::{
    cards::{PayerAction, TestCards},
    email::{self, Occasion},
    orders::Order,
    outcome::{Before, NoticeState, Outcome},
    receipt,
    record::{self, Record},
    text,
};

/// How long the link to a receipt works: a week, the longest that common vendors allow.
const LINK_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many times an order is tried in one run. It is a small job queue: each try uses the same keys, seconds apart.
const ROUNDS: u32 = 5;

/// The shop, with the vendors that take its payments, send its emails and store its receipts.
#[derive(Debug, Clone)]
pub struct Shop {
    payment: Arc<dyn PaymentProvider>,
    email: Arc<dyn EmailProvider>,
    storage: Arc<dyn StorageProvider>,
    /// Optional: not every shop sends texts.
    messaging: Option<Arc<dyn MessagingProvider>>,
    /// Acts for the payers, on a sandbox without people.
    payer: Option<Arc<dyn Payer>>,
    cards: TestCards,
    /// Whether every payer chooses how to pay on the vendor's page.
    hosted: bool,
    from: EmailAddress,
    site: Url,
}

impl Shop {
    /// A shop at `site` that sends emails from `from`.
    ///
    /// # Errors
    /// `Config` if the configuration lacks one of the three vendors.
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
            hosted: false,
            from,
            site,
        })
    }

    /// Sets who acts for the payers on the vendors' pages, as the file of test cards describes.
    #[must_use]
    pub fn with_payer(mut self, payer: Arc<dyn Payer>) -> Self {
        self.payer = Some(payer);
        self
    }

    /// Lets every payer choose how to pay on the vendor's page: the shop never sees a card.
    #[must_use]
    pub fn on_vendor_page(mut self) -> Self {
        self.hosted = true;
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

    /// The captured amount of a payment, as the vendor reports it. For payments without an event.
    pub(crate) async fn look_up(&self, payment: &VendorId) -> Result<Money, Error> {
        let payment = self.payment.get(GetPayment::new(payment.clone())).await?;
        Ok(payment.captured)
    }

    /// Settles all orders, `jobs` at a time, and calls `done` with each result. The outcomes are in the order of `orders`.
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

    /// Settles one order. After a failure it is tried again later, with the same key.
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
                    "the order was charged before with another amount: {}",
                    record.amount
                );
                return Ok(Outcome::Refused(why));
            }
            if record.paid {
                return self.finish(order, record.clone()).await;
            }
        }
        let mut outcome = self.charge(order).await?;
        // A repeated request returns its first response, and the payer may have confirmed since: continue with the current state.
        if let PaymentOutcome::RequiresAction(payment, _)
        | PaymentOutcome::Incomplete(payment, _)
        | PaymentOutcome::Processing(payment) = &outcome
        {
            outcome = self.confirm(order, payment).await?;
        }
        if let (PaymentOutcome::RequiresAction(payment, action), None) = (&outcome, &known)
            && let Some(page) = action.page()
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
            PaymentOutcome::Processing(_) => "the vendor is still processing the payment",
            PaymentOutcome::Authorized(_)
            | PaymentOutcome::Incomplete(..)
            | PaymentOutcome::Cancelled(_) => {
                "the payment is in a state that this shop never requests"
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

    /// Acts for the payer on this page, and returns whether anyone did.
    async fn payer_acts(&self, order: &Order, page: &Url) -> bool {
        let action = self.cards.payer_action(&order.card);
        match &self.payer {
            Some(payer) if action != PayerAction::Leave => {
                payer.act(page, action == PayerAction::Approve).await;
                true
            }
            _ => false,
        }
    }

    /// Charges with a key made from the order number: the same order is the same payment, however often this is called.
    async fn charge(&self, order: &Order) -> Result<PaymentOutcome, Error> {
        let source = if self.hosted {
            Some(PaymentSource::VendorPage)
        } else {
            let on_page = self.payment.capabilities().source.on_vendor_page;
            let source = self
                .cards
                .source(&order.card, self.payment.vendor(), on_page);
            source
                .map_err(|error| Error::invalid("card", error))?
                .map(Into::into)
        };
        let customer = self.customer(order).await?;
        let key = IdempotencyKey::new(format!("order-{}", order.number))?;
        let back = self.page(&["orders", &order.number, "paid"]);
        let mut request = CreatePayment::new(order.amount, key)
            .with_reference(order.number.clone())
            .with_customer(customer)
            .with_customer_reference(order.customer.clone())
            .with_return_url(back)
            .with_description(format!("Order {}", order.number));
        request.source = source;
        self.payment.create(request).await
    }

    /// The customer at the vendor, if the vendor keeps customers. A wrong address does not stop a payment.
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
            return Ok(Outcome::AwaitingPayer(record.email));
        }
        let link = match action.page() {
            Some(page) => page.expose().to_owned(),
            None => self.page(&["orders", &order.number, "confirm"]).into(),
        };
        let email = email::send(&*self.email, &self.from, order, Occasion::Confirm, &link).await?;
        self.record(order, payment, false, &email).await?;
        Ok(Outcome::AwaitingPayer(email))
    }

    /// Stores the receipt and sends the email of a paid order.
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
        let email = email::send(&*self.email, &self.from, order, Occasion::Paid, link).await?;
        let record = self.record(order, payment, true, &email).await?;
        self.finish(order, record).await
    }

    /// Sends the text, once, and completes the order. The email is recorded before, so that a failed text never causes a second
    /// email.
    async fn finish(&self, order: &Order, mut record: Record) -> Result<Outcome, Error> {
        if let (Some(messaging), Some(phone), None) = (&self.messaging, &order.phone, &record.text)
        {
            record.text = Some(text::send(&**messaging, order, phone).await?);
            record::save(&*self.storage, order, &record).await?;
        }
        Ok(Outcome::Charged {
            payment: record.payment,
            receipt: receipt_key(order)?,
            email: record.email,
            text: record.text,
        })
    }

    /// Records what was done. Only a crash between sending the email and this record sends an email twice.
    async fn record(
        &self,
        order: &Order,
        payment: &Payment,
        paid: bool,
        email: &NoticeState,
    ) -> Result<Record, Error> {
        let record = Record {
            amount: order.amount.to_string(),
            payment: payment.id.clone(),
            paid,
            email: email.clone(),
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

/// Whether another try would get the same response, and nothing was done.
fn is_final(error: &Error) -> bool {
    !error.is_unknown()
        && matches!(
            error.kind(),
            Kind::InvalidRequest | Kind::Unsupported | Kind::IdempotencyMismatch
        )
}
