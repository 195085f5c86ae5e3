"""Measures the Python library of each vendor: `verify.py cases.json`, then one line per round on the standard input."""

import base64
import binascii
import datetime
import importlib.metadata
import json
import sys
import time
import urllib.parse


def stripe(case):
    import stripe

    payload, header, secret = case["payload"].encode(), case["header"], case["secret"]

    def one():
        return stripe.Webhook.construct_event(payload, header, secret)

    return one, version("stripe")


def twilio(case):
    from twilio.request_validator import RequestValidator

    validator, url, signature = RequestValidator(case["token"]), case["url"], case["signature"]
    form = case["payload"]

    def one():
        fields = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
        assert validator.validate(url, fields, signature)

    return one, version("twilio")


def sendgrid(case):
    from sendgrid.helpers.eventwebhook import EventWebhook

    webhook, payload = EventWebhook(case["key"]), case["payload"]
    signature, timestamp = case["signature"], case["timestamp"]

    def one():
        assert webhook.verify_signature(payload, signature, timestamp)
        return json.loads(payload)

    return one, version("sendgrid")


def paypal(case):
    """PayPal's libraries verify nothing offline; these are the same steps."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    root = x509.load_pem_x509_certificate(case["root"].encode())
    pem, payload = case["certificate"].encode(), case["payload"].encode()

    def one():
        # The library's own chain verification requires an extension that PayPal's certificates may lack.
        certificate = x509.load_pem_x509_certificate(pem)
        certificate.verify_directly_issued_by(root)
        now = datetime.datetime.now(datetime.timezone.utc)
        assert certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert case["name"] in names.get_values_for_type(x509.DNSName)
        signed = f"{case['id']}|{case['time']}|{case['listener']}|{binascii.crc32(payload)}".encode()
        signature = base64.b64decode(case["signature"])
        certificate.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        return json.loads(payload)

    return one, version("cryptography")


def version(package):
    return f"Python {package} {importlib.metadata.version(package)}"


def measure(one, milliseconds):
    """CPU nanoseconds per call."""
    count, worked = 0, time.process_time_ns()
    end = time.perf_counter_ns() + milliseconds * 1_000_000
    while time.perf_counter_ns() < end:
        one()
        count += 1
    return (time.process_time_ns() - worked) / count


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    known = {}
    for vendor in (stripe, twilio, sendgrid, paypal):
        name = vendor.__name__
        try:
            known[name], library = vendor(cases[name])
            known[name]()
            print(f"{name}\thas\t{library}")
        except Exception as error:
            reason = str(error).replace("\n", " ")
            print(f"{name}\tlacks\tPython: {type(error).__name__}: {reason}")
    print("ready", flush=True)
    for line in sys.stdin:
        name, milliseconds = line.split("\t")
        print(measure(known[name], int(milliseconds)), flush=True)


main()
