"""Times the vendors' own Python libraries over the deliveries that the benchmark made: `peers.py samples.json`."""

import json
import statistics
import sys
import time
from importlib.metadata import version

import stripe
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator


def median_us(call, rounds, calls):
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        took.append((time.perf_counter() - started) / calls * 1e6)
    return statistics.median(took)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        samples = json.load(file)

    one = samples["stripe"]

    def stripe_event():
        stripe.Webhook.construct_event(one["payload"], one["header"], one["secret"], tolerance=10**9)

    two = samples["twilio"]
    validator = RequestValidator(two["auth_token"])
    params = dict(two["params"])

    def twilio_form():
        assert validator.validate(two["url"], params, two["signature"])

    three = samples["sendgrid"]
    webhook = EventWebhook()
    key = webhook.convert_public_key_to_ecdsa(three["public_key"])

    def sendgrid_batch():
        assert webhook.verify_signature(three["payload"], three["signature"], three["timestamp"], key)
        json.loads(three["payload"])

    print(json.dumps({
        "stripe": [f"stripe-python {version('stripe')}", median_us(stripe_event, 30, 50)],
        "twilio": [f"twilio-python {version('twilio')}", median_us(twilio_form, 30, 200)],
        "sendgrid": [f"sendgrid-python {version('sendgrid')}", median_us(sendgrid_batch, 20, 1)],
    }))


main()
