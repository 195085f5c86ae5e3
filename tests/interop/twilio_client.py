"""Twilio's official client against the sandbox."""

from datetime import datetime, timedelta, timezone

from common import check, control, done, refused, reset, same
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

reset()
place = control()["twilio"]


class SandboxHttpClient(TwilioHttpClient):
    """Sends the calls for Twilio's hosts to the sandbox."""

    def request(self, method, url, *more, **named):
        path = url.split("twilio.com", 1)[1]
        return super().request(method, place["url"] + path, *more, **named)


def connect(user, password):
    return Client(user, password, place["account_sid"], http_client=SandboxHttpClient())


client = connect(place["account_sid"], place["auth_token"])
TO = "+15550109999"


def text(body="Your order is on its way.", to=TO, **more):
    return client.messages.create(to=to, from_=place["number"], body=body, **more)


# One message and its statuses.
sent = text()
same(sent.status, "queued", "status of a sent message")
same(sent.num_segments, "1", "segments")
same(sent.error_code, None, "no error code")
check(sent.sid.startswith("SM"), "a text has an SM sid")
check(sent.date_created.tzinfo is not None, "dates are read")
seen = [client.messages(sent.sid).fetch().status for _ in range(4)]
same(seen, ["sending", "sent", "delivered", "delivered"], "statuses move on")
same(text("x" * 161).num_segments, "2", "two segments")

# Media files, and an API key instead of the token.
by_key = connect(place["api_key"], place["api_secret"])
picture = by_key.messages.create(
    to=TO, from_=place["number"], body="", media_url=["https://shop.example/a.png"]
)
same(picture.num_media, "1", "one file")
check(picture.sid.startswith("MM"), "a picture has an MM sid")

# Lists, page by page.
for number in range(5):
    text(f"order {number}", to="+15550100001")
listed = client.messages.list(to="+15550100001", page_size=2)
newest_first = [f"order {number}" for number in reversed(range(5))]
same([one.body for one in listed], newest_first, "listed over pages, newest first")
today = datetime.now(timezone.utc).date()
recent = client.messages.list(to="+15550100001", date_sent_after=today - timedelta(days=1))
same(len(recent), 5, "sent recently")
future = client.messages.list(to="+15550100001", date_sent_after=today + timedelta(days=2))
same(future, [], "nothing was sent in the future")

# A scheduled message that is cancelled.
later = client.messages.create(
    to=TO,
    messaging_service_sid=place["messaging_service"],
    body="later",
    schedule_type="fixed",
    send_at=datetime.now(timezone.utc) + timedelta(hours=1),
)
same(later.status, "scheduled", "status of a scheduled message")
canceled = client.messages(later.sid).update(status="canceled")
same(canceled.status, "canceled", "cancelled in time")

# Rejected messages, with the vendor's error codes.
for to, code in [
    ("+15005550001", 21211),
    ("+15005550002", 21612),
    ("+15005550003", 21408),
    ("+15005550004", 21610),
    ("+15005550009", 21614),
]:
    error = refused(TwilioRestException, lambda: text(to=to), f"to {to}")
    same((error.code, error.status), (code, 400), f"to {to}")
error = refused(TwilioRestException, lambda: text("x" * 1601), "too long")
same(error.code, 21617, "too long")
error = refused(TwilioRestException, client.messages("SM" + "0" * 32).fetch, "unknown")
same((error.code, error.status), (20404, 404), "unknown")
wrong = connect(place["account_sid"], "wrong")
error = refused(TwilioRestException, wrong.messages(sent.sid).fetch, "wrong token")
same((error.code, error.status), (20003, 401), "wrong token")

# The text is redacted, then the record is deleted.
same(client.messages(sent.sid).update(body="").body, "", "redacted")
check(client.messages(sent.sid).delete(), "deleted")
refused(TwilioRestException, client.messages(sent.sid).fetch, "gone")

# Verification codes.
service = client.verify.v2.services(place["verify_service"])
PHONE = "+15550100002"
started = service.verifications.create(to=PHONE, channel="sms")
same(started.status, "pending", "a code was sent")
code = control("/_sandbox/twilio/verifications/" + started.sid)["code"]
wrong_code = "000000" if code != "000000" else "111111"


def check_code(digits):
    return service.verification_checks.create(to=PHONE, code=digits)


same(check_code(wrong_code).status, "pending", "a wrong code")
same(check_code(code).status, "approved", "the right code")
error = refused(TwilioRestException, lambda: check_code(code), "the same code again")
same((error.code, error.status), (20404, 404), "the same code again")

done("twilio-python 9.13.0", 38)
