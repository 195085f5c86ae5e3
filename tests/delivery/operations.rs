//! The operations of all providers, each with what must be there before it.

use std::{sync::Arc, time::Duration};

use anyvendor::{
    Error,
    email::{CancelScheduled, EmailContent, EmailMessage, EmailProvider, ScheduleHandle},
    messaging::{
        CheckVerification, MessageContent, MessagingProvider, StartVerification, TextMessage,
        VerificationProvider,
    },
    payment::{
        CancelPayment, CaptureMode, CapturePayment, ConfirmPayment, CreatePayment, CustomerRequest,
        GetPayment, NextAction, Payment, PaymentProvider, RefundPayment, SaveSource,
        SaveSourceOutcome,
    },
    paypal::{Environment, PayPal, PayPalConfig},
    resilience::{Clock, Policy},
    s3::{CredentialsConfig, S3, S3Config},
    sendgrid::{SendGrid, SendGridConfig},
    storage::{CopyObject, DeleteObject, DeleteObjects, PutObject, PutStream, StorageProvider},
    stripe::{Stripe, StripeConfig},
    twilio::{Twilio, TwilioConfig},
    values::{
        Currency, EmailAddress, IdempotencyKey, Money, ObjectKey, PhoneNumber, Secret, VendorId,
    },
};
use anyvendor_conformance::{PagePayer, Payer};
use anyvendor_http::{HttpTransport, SystemClock, TransportConfig};
use anyvendor_sandbox::Sandbox;
use futures_util::{FutureExt, future::BoxFuture, stream};
use jiff::SignedDuration;

use super::faulty::Faulty;

type Run = for<'a> fn(&'a Sandbox, &'a Arc<Faulty>) -> BoxFuture<'a, Result<(), Error>>;

/// One operation of a provider.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) writes: bool,
    pub(crate) run: Run,
}

/// Lists operations: a name, whether it writes, and an async block over the sandbox and the network.
macro_rules! list {
    ($($name:literal $writes:literal |$sandbox:ident, $network:ident| $run:block)+) => {
        /// All of them.
        pub(crate) fn operations() -> Vec<Operation> {
            vec![$(Operation {
                name: $name,
                writes: $writes,
                run: |$sandbox, $network| async move $run.boxed(),
            }),+]
        }
    };
}

list! {
    "stripe create" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        network.begin();
        stripe.create(order(card())).await.map(drop)
    }
    "stripe confirm" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let prepared = stripe.create(order(card()).with_confirm(false)).await?;
        let payment = prepared.payment().unwrap().id.clone();
        network.begin();
        let request = ConfirmPayment::new(payment, key("confirm")).with_return_url(back());
        stripe.confirm(request).await.map(drop)
    }
    "stripe capture of a part" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let payment = authorized(&stripe, card()).await?;
        network.begin();
        let request = CapturePayment::new(payment.id, key("capture")).with_amount(price(500));
        stripe.capture(request).await.map(drop)
    }
    "stripe cancel" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let payment = authorized(&stripe, card()).await?;
        network.begin();
        stripe.cancel(CancelPayment::new(payment.id, key("cancel"))).await.map(drop)
    }
    "stripe refund of a part" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let payment = paid(&stripe, card()).await?;
        network.begin();
        let request = RefundPayment::new(payment.id, key("refund")).with_amount(price(500));
        stripe.refund(request).await.map(drop)
    }
    "stripe customer" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        network.begin();
        stripe.get_or_create_customer(CustomerRequest::new("user-7")).await.map(drop)
    }
    "stripe save" true |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let customer = stripe.get_or_create_customer(CustomerRequest::new("user-7")).await?;
        network.begin();
        let request = SaveSource::new(customer.id, key("save")).with_source(card());
        stripe.save_source(request).await.map(drop)
    }
    "stripe get" false |sandbox, network| {
        let stripe = stripe(sandbox, network);
        let payment = paid(&stripe, card()).await?;
        network.begin();
        stripe.get(GetPayment::new(payment.id)).await.map(drop)
    }
    "paypal create" true |sandbox, network| {
        let paypal = paypal(sandbox, network);
        let wallet = wallet(&paypal).await?;
        network.begin();
        paypal.create(order(wallet)).await.map(drop)
    }
    "paypal capture of a part" true |sandbox, network| {
        let paypal = paypal(sandbox, network);
        let payment = authorized(&paypal, wallet(&paypal).await?).await?;
        network.begin();
        let request = CapturePayment::new(payment.id, key("capture")).with_amount(price(500));
        paypal.capture(request).await.map(drop)
    }
    "paypal cancel" true |sandbox, network| {
        let paypal = paypal(sandbox, network);
        let payment = authorized(&paypal, wallet(&paypal).await?).await?;
        network.begin();
        paypal.cancel(CancelPayment::new(payment.id, key("cancel"))).await.map(drop)
    }
    "paypal refund of a part" true |sandbox, network| {
        let paypal = paypal(sandbox, network);
        let payment = paid(&paypal, wallet(&paypal).await?).await?;
        network.begin();
        let request = RefundPayment::new(payment.id, key("refund")).with_amount(price(500));
        paypal.refund(request).await.map(drop)
    }
    "paypal get" false |sandbox, network| {
        let paypal = paypal(sandbox, network);
        let payment = paid(&paypal, wallet(&paypal).await?).await?;
        network.begin();
        paypal.get(GetPayment::new(payment.id)).await.map(drop)
    }
    "sendgrid send" true |sandbox, network| {
        let sendgrid = sendgrid(sandbox, network);
        network.begin();
        sendgrid.send(email()).await.map(drop)
    }
    "sendgrid send later" true |sandbox, network| {
        let sendgrid = sendgrid(sandbox, network);
        network.begin();
        sendgrid.send(email().with_send_at(soon())).await.map(drop)
    }
    "sendgrid cancel" true |sandbox, network| {
        let sendgrid = sendgrid(sandbox, network);
        let sent = sendgrid.send(email().with_send_at(soon())).await?;
        let handle: ScheduleHandle = sent.schedule.unwrap();
        network.begin();
        sendgrid.cancel_scheduled(CancelScheduled::new(handle)).await
    }
    "twilio send" true |sandbox, network| {
        let twilio = twilio(sandbox, network);
        network.begin();
        twilio.send(text()).await.map(drop)
    }
    "twilio start" true |sandbox, network| {
        let twilio = twilio(sandbox, network);
        network.begin();
        twilio.start(StartVerification::new(phone())).await.map(drop)
    }
    "twilio check" true |sandbox, network| {
        let twilio = twilio(sandbox, network);
        let started = twilio.start(StartVerification::new(phone())).await?;
        network.begin();
        let request = CheckVerification::new(started.id, Secret::new("000000"));
        twilio.check(request).await.map(drop)
    }
    "s3 put" true |sandbox, network| {
        let s3 = s3(sandbox, network);
        network.begin();
        s3.put(PutObject::new(object("a"), "text")).await.map(drop)
    }
    "s3 put in parts" true |sandbox, network| {
        let s3 = s3(sandbox, network);
        network.begin();
        let pieces = stream::iter([Ok(vec![b'a'; PART].into()), Ok("end".into())]);
        s3.put_stream(PutStream::new(object("a"), Box::pin(pieces))).await.map(drop)
    }
    "s3 copy" true |sandbox, network| {
        let s3 = s3(sandbox, network);
        s3.put(PutObject::new(object("a"), "text")).await?;
        network.begin();
        s3.copy(CopyObject::new(object("a"), object("b"))).await.map(drop)
    }
    "s3 delete" true |sandbox, network| {
        let s3 = s3(sandbox, network);
        s3.put(PutObject::new(object("a"), "text")).await?;
        network.begin();
        s3.delete(DeleteObject::new(object("a"))).await.map(drop)
    }
    "s3 delete many" true |sandbox, network| {
        let s3 = s3(sandbox, network);
        network.begin();
        s3.delete_many(DeleteObjects::new(vec![object("a"), object("b")])).await.map(drop)
    }
}

/// The smallest part that S3 takes.
const PART: usize = 5 * 1024 * 1024;

/// One attempt, so that the request that fails decides.
fn once() -> Policy {
    Policy::default().with_attempts(1)
}

fn stripe(sandbox: &Sandbox, network: &Arc<Faulty>) -> Stripe {
    let config = StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(sandbox.stripe().url())
        .with_resilience(once());
    Stripe::builder(config)
        .transport(network.clone())
        .build()
        .unwrap()
}

fn paypal(sandbox: &Sandbox, network: &Arc<Faulty>) -> PayPal {
    let paypal = sandbox.paypal();
    let (id, secret) = (
        Secret::new(paypal.client_id()),
        Secret::new(paypal.client_secret()),
    );
    let config = PayPalConfig::new(id, secret, Environment::Sandbox)
        .with_local_base_url(paypal.url())
        .with_resilience(once());
    PayPal::builder(config)
        .transport(network.clone())
        .build()
        .unwrap()
}

fn sendgrid(sandbox: &Sandbox, network: &Arc<Faulty>) -> SendGrid {
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid().key()))
        .with_local_base_url(sandbox.sendgrid().url())
        .with_resilience(once());
    SendGrid::builder(config)
        .transport(network.clone())
        .build()
        .unwrap()
}

fn twilio(sandbox: &Sandbox, network: &Arc<Faulty>) -> Twilio {
    let twilio = sandbox.twilio();
    let config = TwilioConfig::new(twilio.account_sid(), Secret::new(twilio.auth_token()))
        .with_from(twilio.number())
        .with_verify_service_sid(twilio.verify_service())
        .with_local_base_url(twilio.url())
        .with_resilience(once());
    Twilio::builder(config)
        .transport(network.clone())
        .build()
        .unwrap()
}

fn s3(sandbox: &Sandbox, network: &Arc<Faulty>) -> S3 {
    let s3 = sandbox.s3();
    let credentials = CredentialsConfig::fixed(s3.access_key(), s3.secret_key());
    let config = S3Config::new(s3.bucket(), s3.region(), credentials)
        .with_local_endpoint(s3.url())
        .with_part_size(PART as u64)
        .with_resilience(once());
    S3::builder(config)
        .transport(network.clone())
        .build()
        .unwrap()
}

fn price(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR).unwrap()
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn card() -> VendorId {
    VendorId::new("stripe", "pm_card_visa").unwrap()
}

fn order(source: VendorId) -> CreatePayment {
    CreatePayment::new(price(2_000), key("order-1"))
        .with_source(source)
        .with_return_url(back())
}

fn back() -> url::Url {
    "https://shop.example/back".parse().unwrap()
}

async fn authorized(payments: &dyn PaymentProvider, source: VendorId) -> Result<Payment, Error> {
    let request = order(source).with_capture(CaptureMode::Manual);
    payments.create(request).await?.into_success()
}

async fn paid(payments: &dyn PaymentProvider, source: VendorId) -> Result<Payment, Error> {
    payments.create(order(source)).await?.into_success()
}

/// A wallet that its owner has saved.
async fn wallet(paypal: &dyn PaymentProvider) -> Result<VendorId, Error> {
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    let payer = PagePayer(Arc::new(HttpTransport::new(settings)?));
    let customer = paypal
        .get_or_create_customer(CustomerRequest::new("c-1"))
        .await?;
    let request = SaveSource::new(customer.id, key("save"))
        .with_return_url("https://shop.example/back".parse().unwrap());
    let outcome = paypal.save_source(request.clone()).await?;
    let SaveSourceOutcome::RequiresAction(pending, action) = outcome else {
        panic!("{outcome:?}");
    };
    let page = NextAction::page(&action).unwrap().expose_url().clone();
    payer.act(&page, true).await;
    match paypal.save_source(request.with_source(pending)).await? {
        SaveSourceOutcome::Saved(saved) => Ok(saved.id),
        other => panic!("{other:?}"),
    }
}

fn email() -> EmailMessage {
    let address = |text: &str| EmailAddress::new(text).unwrap();
    let content = EmailContent::text("Hello", "Hello Ann");
    EmailMessage::new(
        address("shop@example.com"),
        address("ann@example.com"),
        content,
    )
}

fn soon() -> jiff::Timestamp {
    SystemClock.wall() + SignedDuration::from_hours(1)
}

fn phone() -> PhoneNumber {
    PhoneNumber::new("+15550109999").unwrap()
}

fn text() -> TextMessage {
    TextMessage::new(phone(), MessageContent::text("Hi Ann"))
}

fn object(key: &str) -> ObjectKey {
    ObjectKey::new(key).unwrap()
}
