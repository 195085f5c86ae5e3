"""Stripe's official client against the sandbox."""

import stripe
from common import check, control, done, refused, reset, same

reset()
place = control()["stripe"]
client = stripe.StripeClient(
    place["api_key"], base_addresses={"api": place["url"]}, max_network_retries=0
)
v1 = client.v1


def pay(options=None, **more):
    params = {
        "amount": 2000,
        "currency": "eur",
        "confirm": True,
        "payment_method": "pm_card_visa",
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    params.update(more)
    return v1.payment_intents.create(params, options)


def charge_of(intent):
    return v1.charges.retrieve(intent.latest_charge)


# Create, confirm, capture in part.
intent = v1.payment_intents.create(
    {
        "amount": 2000,
        "currency": "eur",
        "capture_method": "manual",
        "payment_method_types": ["card"],
        "metadata": {"order": "interop-1"},
        "description": "one chair",
    }
)
check(intent.id.startswith("pi_"), "a payment's id")
same(intent.object, "payment_intent", "object")
same(intent.status, "requires_payment_method", "before a method is given")
same(intent.livemode, False, "test mode")
check(intent.client_secret.startswith(intent.id + "_secret_"), "client secret")
check(intent.last_response.headers.get("request-id", "").startswith("req_"), "request id")
intent = v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
same(intent.status, "requires_capture", "after confirm")
same(intent.amount_capturable, 2000, "to capture")
same(charge_of(intent).captured, False, "charge before capture")
intent = v1.payment_intents.capture(intent.id, {"amount_to_capture": 1500})
same(intent.status, "succeeded", "after capture")
same(intent.amount_received, 1500, "captured")
same(charge_of(intent).captured, True, "charge after capture")
same(charge_of(intent).payment_method_details.card.last4, "4242", "card")
same(v1.payment_intents.retrieve(intent.id).metadata["order"], "interop-1", "metadata")
error = refused(
    stripe.InvalidRequestError, lambda: v1.payment_intents.capture(intent.id), "capture twice"
)
same(error.code, "payment_intent_unexpected_state", "capture twice")
same(error.http_status, 400, "capture twice")
expanded = v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
same(expanded.latest_charge.object, "charge", "expand")

# Update and cancel.
intent = v1.payment_intents.create({"amount": 700, "currency": "usd"})
same(v1.payment_intents.update(intent.id, {"amount": 800}).amount, 800, "update")
intent = v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
same(intent.status, "canceled", "cancel")
same(intent.cancellation_reason, "abandoned", "cancel")
check(intent.canceled_at > 0, "time of the cancel")
error = refused(
    stripe.InvalidRequestError, lambda: v1.payment_intents.cancel(intent.id), "cancel twice"
)
same(error.code, "payment_intent_unexpected_state", "cancel twice")

# Declines.
DECLINES = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
]
for method, code, decline in DECLINES:
    error = refused(stripe.CardError, lambda: pay(payment_method=method), method)
    same(error.http_status, 402, method)
    same(error.code, code, method)
    if decline:
        same(error.error.decline_code, decline, method)
    same(error.error.payment_intent.status, "requires_payment_method", method)
    same(
        error.error.payment_intent.last_payment_error.code, code, f"{method}, kept on the payment"
    )
    check(error.user_message, f"{method}: a message for the payer")

# Authentication.
intent = pay(payment_method="pm_card_authenticationRequired")
same(intent.status, "requires_action", "authentication")
same(intent.next_action.type, "use_stripe_sdk", "authentication without a return URL")

# Other errors, each with the exception class of the client.
error = refused(
    stripe.InvalidRequestError, lambda: v1.payment_intents.retrieve("pi_none"), "missing payment"
)
same(error.code, "resource_missing", "missing payment")
same(error.http_status, 404, "missing payment")
same(error.param, "intent", "missing payment")
error = refused(
    stripe.InvalidRequestError,
    lambda: v1.payment_intents.create({"currency": "eur"}),
    "no amount",
)
same((error.code, error.param), ("parameter_missing", "amount"), "no amount")
error = refused(
    stripe.InvalidRequestError,
    lambda: v1.payment_intents.create({"amount": 500, "currency": "eur", "colour": "red"}),
    "unknown parameter",
)
same((error.code, error.param), ("parameter_unknown", "colour"), "unknown parameter")
stranger = stripe.StripeClient(
    "sk_wrong", base_addresses={"api": place["url"]}, max_network_retries=0
)
error = refused(
    stripe.AuthenticationError, lambda: stranger.v1.payment_intents.list(), "wrong key"
)
same(error.http_status, 401, "wrong key")

# Idempotency: the same key and parameters return the same response; other parameters are an error.
key = {"idempotency_key": "interop-key-1"}
first, again = pay(key, amount=4300), pay(key, amount=4300)
same(again.id, first.id, "replay")
same(again.last_response.headers.get("idempotent-replayed"), "true", "replay")
check("idempotent-replayed" not in first.last_response.headers, "the first use is not a replay")
paid = [c for c in control("/_sandbox/stripe/charges") if c["amount"] == 4300]
same(len(paid), 1, "charged once")
error = refused(stripe.IdempotencyError, lambda: pay(key, amount=4400), "key of another payment")
same(error.http_status, 400, "key of another payment")
key = {"idempotency_key": "interop-key-2"}
declined = {"payment_method": "pm_card_visa_chargeDeclined", "options": key}
one = refused(stripe.CardError, lambda: pay(**declined), "a decline under a key")
two = refused(stripe.CardError, lambda: pay(**declined), "its replay")
same(
    two.error.payment_intent.id, one.error.payment_intent.id, "a decline is replayed, not repeated"
)

# Refunds.
intent = pay(amount=3000)
refund = v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
same((refund.status, refund.amount, refund.currency), ("succeeded", 1000, "eur"), "refund in part")
same(charge_of(intent).amount_refunded, 1000, "refunded so far")
same(charge_of(intent).refunded, False, "refunded so far")
v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
same(charge_of(intent).refunded, True, "refunded in full")
error = refused(
    stripe.InvalidRequestError,
    lambda: v1.refunds.create({"payment_intent": intent.id}),
    "refund too much",
)
same(error.code, "charge_already_refunded", "refund too much")
same(v1.refunds.retrieve(refund.id).id, refund.id, "get a refund")
listed = v1.refunds.list({"payment_intent": intent.id})
same([r.amount for r in listed.data], [2000, 1000], "list refunds, newest first")
pending = v1.refunds.create({"payment_intent": pay(payment_method="pm_card_pendingRefund").id})
same(pending.status, "pending", "a refund that takes time")

# Customers.
customer = v1.customers.create(
    {"email": "ada@example.com", "name": "Ada", "metadata": {"user": "u1"}}
)
check(customer.id.startswith("cus_"), "a customer's id")
same(v1.customers.update(customer.id, {"name": "Ada L."}).name, "Ada L.", "update")
same(v1.customers.retrieve(customer.id).email, "ada@example.com", "get")
same(
    [c.id for c in v1.customers.list({"email": "ada@example.com"}).data], [customer.id], "by email"
)

# Methods.
method = v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
check(method.id != "pm_card_mastercard", "a test method becomes a method with its own id")
same((method.customer, method.card.brand), (customer.id, "mastercard"), "attach")
listed = v1.customers.payment_methods.list(customer.id, {"type": "card"})
same([m.id for m in listed.data], [method.id], "list methods")
intent = pay(customer=customer.id, payment_method=method.id, off_session=True)
same((intent.status, intent.customer), ("succeeded", customer.id), "pay with it")
same(v1.payment_methods.detach(method.id).customer, None, "detach")
same(v1.customers.payment_methods.list(customer.id).data, [], "list methods after detach")
refused(
    stripe.InvalidRequestError,
    lambda: v1.payment_methods.attach(method.id, {"customer": customer.id}),
    "attach a detached method again",
)
error = refused(
    stripe.CardError,
    lambda: v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id}),
    "attach a bad card",
)
same(error.code, "card_declined", "attach a bad card")

# Setups.
setup = v1.setup_intents.create(
    {"customer": customer.id, "usage": "off_session", "payment_method_types": ["card"]}
)
same(setup.status, "requires_payment_method", "setup")
setup = v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
same(setup.status, "succeeded", "setup confirmed")
same(v1.payment_methods.retrieve(setup.payment_method).customer, customer.id, "setup attaches")
setup = v1.setup_intents.create({"customer": customer.id})
same(v1.setup_intents.cancel(setup.id).status, "canceled", "setup cancelled")
same(v1.customers.delete(customer.id).deleted, True, "delete a customer")
same(v1.customers.retrieve(customer.id).deleted, True, "a deleted customer is still returned")

# The client turns the pages of lists, forward and backward, and those of searches.
made = [
    v1.payment_intents.create(
        {"amount": 100 + at, "currency": "chf", "metadata": {"batch": "pages"}}
    ).id
    for at in range(7)
]
listed = v1.payment_intents.list({"limit": 3})
same(len(listed.data), 3, "one page")
same(listed.has_more, True, "one page of several")
walked = [p.id for p in listed.auto_paging_iter()]
same(walked[:7], made[::-1], "newest first")
same(len(walked), len(control("/_sandbox/stripe/payment_intents")), "all pages")
same(len(set(walked)), len(walked), "no payment twice")
back = v1.payment_intents.list({"limit": 3, "ending_before": made[0]})
same(
    sorted(p.id for p in back.auto_paging_iter()), sorted(made[1:]), "pages backward, all of them"
)
query = "metadata['batch']:'pages' AND currency:'chf'"
found = v1.payment_intents.search({"query": query, "limit": 2})
same(found.object, "search_result", "search")
same([p.id for p in found.auto_paging_iter()], made[::-1], "search, all pages")
same(v1.payment_intents.search({"query": "metadata['batch']:'none'"}).data, [], "nothing found")
refused(
    stripe.InvalidRequestError,
    lambda: v1.payment_intents.search({"query": "what is this"}),
    "an invalid query",
)

# Events.
event = v1.events.list({"type": "payment_intent.canceled"}).data[0]
same(event.object, "event", "event")
same(event.data.object.status, "canceled", "its object")

# The older, module-level interface of the client.
stripe.api_key, stripe.api_base = place["api_key"], place["url"]
intent = stripe.PaymentIntent.create(amount=900, currency="gbp", payment_method="pm_card_visa")
same(intent.confirm(return_url="https://example.com/back").status, "succeeded", "module-level interface")

done(f"stripe {stripe.VERSION}", 119)
