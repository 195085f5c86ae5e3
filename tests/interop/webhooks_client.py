"""The sandbox's webhooks, verified with the vendors' official libraries: genuine deliveries pass, all others fail."""

import base64
import json
import threading
import time
import urllib.parse
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cryptography
import sendgrid
import stripe
import twilio
from common import CONTROL, check, control, done, reset, same
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator

reset()
place = control()
received = []


class Receiver(BaseHTTPRequestHandler):
    """Accepts every delivery."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.append((self.path, self.headers, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"


def post(url, value, **headers):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# Each vendor acts once, and each delivery comes with a forged one, a tampered one and a copy.
plan = {"forge": True, "tamper": True, "duplicates": 1, "speed": 100_000}
post(CONTROL + "/_sandbox/webhooks", {"all": base, "plan": plan})
stripe.api_key, stripe.api_base = place["stripe"]["api_key"], place["stripe"]["url"]
stripe.Customer.create(email="ada@example.com")
client = sendgrid.SendGridAPIClient(place["sendgrid"]["api_key"], host=place["sendgrid"]["url"])
email = {
    "personalizations": [{"to": [{"email": "ada@example.com"}]}],
    "from": {"email": "shop@example.com"},
    "subject": "Hello",
    "content": [{"type": "text/plain", "value": "Hello"}],
}
same(client.client.mail.send.post(request_body=email).status_code, 202, "the email is accepted")
post(CONTROL + "/_sandbox/twilio/inbound", {"from": "+15551234567", "body": "Grüße & more"})
token = post(
    place["paypal"]["url"] + "/v1/oauth2/token",
    b"grant_type=client_credentials",
    **{
        "authorization": basic(place["paypal"]["client_id"], place["paypal"]["client_secret"]),
        "content-type": "application/x-www-form-urlencoded",
    },
)
bearer = {"authorization": "Bearer " + token["access_token"]}
card = {"number": "4111111111111111", "expiry": "2099-01"}
source = {"payment_source": {"card": card}}
post(place["paypal"]["url"] + "/v3/vault/payment-tokens", source, **bearer, **{"paypal-request-id": "one"})

# Four deliveries in four variants each; the wait is limited, because the email events come in a batch after a moment.
for _ in range(500):
    if len(received) >= 16:
        break
    time.sleep(0.02)
same(len(received), 16, "four deliveries, and three variants of each")


def deliveries_to(vendor):
    return [(path, headers, body) for path, headers, body in received if path == f"/webhooks/{vendor}"]


def is_from_stripe(path, headers, body):
    try:
        stripe.Webhook.construct_event(body, headers["stripe-signature"], place["stripe"]["webhook_secret"])
        return True
    except stripe.SignatureVerificationError:
        return False


def is_from_sendgrid(path, headers, body):
    webhook = EventWebhook(place["sendgrid"]["webhook_key"])
    signature = headers["x-twilio-email-event-webhook-signature"]
    stamp = headers["x-twilio-email-event-webhook-timestamp"]
    return webhook.verify_signature(body.decode(), signature, stamp)


def is_from_twilio(path, headers, body):
    validator = RequestValidator(place["twilio"]["auth_token"])
    fields = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    return validator.validate(base + path, fields, headers["x-twilio-signature"])


def is_from_paypal(path, headers, body):
    """Follows PayPal's documentation with the `cryptography` package, because PayPal's libraries do not verify offline."""
    with urllib.request.urlopen(headers["paypal-cert-url"]) as response:
        leaf, root = x509.load_pem_x509_certificates(response.read())
    leaf.verify_directly_issued_by(root)
    known = x509.load_pem_x509_certificate(place["paypal"]["root_certificate"].encode())
    same(root, known, "the chain ends in the root that the sandbox names")
    parts = ["paypal-transmission-id", "paypal-transmission-time"]
    text = "|".join([*(headers[part] for part in parts), place["paypal"]["webhook_id"], str(zlib.crc32(body))])
    signature = base64.b64decode(headers["paypal-transmission-sig"])
    try:
        leaf.public_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return True
    except InvalidSignature:
        return False


VERIFIERS = {
    "stripe": is_from_stripe,
    "sendgrid": is_from_sendgrid,
    "twilio": is_from_twilio,
    "paypal": is_from_paypal,
}
for vendor, is_genuine in VERIFIERS.items():
    deliveries = deliveries_to(vendor)
    same(len(deliveries), 4, f"{vendor}: one, a copy, a forged and a tampered one")
    verdicts = sorted(is_genuine(*delivery) for delivery in deliveries)
    same(verdicts, [False, False, True, True], f"{vendor}: only the genuine delivery and its copy pass")

# The library reads the delivered event.
event = next(body for path, _, body in deliveries_to("stripe"))
read = stripe.Event.construct_from(json.loads(event), stripe.api_key)
same((read.type, read.data.object.object), ("customer.created", "customer"), "an event that the library reads")
check(
    all(delivery["state"] == "taken" for delivery in control("/_sandbox/webhooks")),
    "the sandbox recorded that all were accepted",
)
server.shutdown()
done(
    f"stripe {stripe.VERSION}, sendgrid {sendgrid.__version__}, twilio {twilio.__version__}, "
    f"cryptography {cryptography.__version__}",
    16,
)
