"""SendGrid's official client against the sandbox."""

import base64
import json
import time

import sendgrid
from common import check, control, done, refused, reset, same
from python_http_client.exceptions import (
    BadRequestsError,
    HTTPError,
    NotFoundError,
    UnauthorizedError,
)
from sendgrid.helpers.mail import (
    Attachment,
    BatchId,
    Bcc,
    Category,
    Cc,
    ContentId,
    CustomArg,
    Disposition,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    MailSettings,
    ReplyTo,
    SandBoxMode,
    SendAt,
    To,
)

reset()
place = control()["sendgrid"]
client = sendgrid.SendGridAPIClient(place["api_key"], host=place["url"])


def arrived():
    return control("/_sandbox/sendgrid/messages")


def new_email(subject="Your order", to="ada@example.com", **more):
    return Mail(
        from_email=("shop@example.com", "The shop"),
        to_emails=to,
        subject=subject,
        plain_text_content=more.pop("text", "It is on its way."),
        html_content=more.pop("html", "<p>It is on its <b>way</b>.</p>"),
        **more,
    )


def errors_of(error):
    return json.loads(error.body)["errors"]


# One email with every field.
before = len(arrived())
email = new_email(to=[To("ada@example.com", "Ada"), To("bob@example.com")])
email.add_cc(Cc("carl@example.com"))
email.add_bcc(Bcc("dora@example.com"))
email.reply_to = ReplyTo("help@example.com", "Help")
email.add_category(Category("orders"))
email.add_custom_arg(CustomArg("order", "interop-1"))
email.add_header(Header("X-Order", "interop-1"))
invoice = b"%PDF-1.7 not much of one"
email.add_attachment(
    Attachment(
        FileContent(base64.b64encode(invoice).decode()),
        FileName("invoice.pdf"),
        FileType("application/pdf"),
        Disposition("attachment"),
    )
)
email.add_attachment(
    Attachment(
        FileContent(base64.b64encode(b"logo").decode()),
        FileName("logo.png"),
        FileType("image/png"),
        Disposition("inline"),
        ContentId("logo"),
    )
)
response = client.send(email)
same(response.status_code, 202, "send")
same(response.body, b"", "the response to an accepted email has no body")
check(response.headers["X-Message-Id"], "message id")
new = arrived()[before:]
same(
    sorted((m["to"]["email"], m["line"]) for m in new),
    [
        ("ada@example.com", "to"),
        ("bob@example.com", "to"),
        ("carl@example.com", "cc"),
        ("dora@example.com", "bcc"),
    ],
    "recipients",
)
one = new[0]
same(one["request_id"], response.headers["X-Message-Id"], "message id in the state")
same(one["from"], {"email": "shop@example.com", "name": "The shop"}, "from")
same(one["to"]["name"], "Ada", "name of the recipient")
same(one["reply_to"], [{"email": "help@example.com", "name": "Help"}], "reply to")
same(one["subject"], "Your order", "subject")
same(one["text"], "It is on its way.", "text")
same(one["html"], "<p>It is on its <b>way</b>.</p>", "html")
same(one["categories"], ["orders"], "categories")
same(one["custom_args"], {"order": "interop-1"}, "custom arguments")
same(one["headers"], {"X-Order": "interop-1"}, "headers")
same(
    [f["filename"] for f in one["attachments"]],
    [f["filename"] for f in email.get()["attachments"]],
    "order of the attachments",
)
files = [(f["filename"], f["disposition"], f["content_id"], f["size"]) for f in one["attachments"]]
same(
    sorted(files),
    [("invoice.pdf", "attachment", None, len(invoice)), ("logo.png", "inline", "logo", 4)],
    "attachments",
)

# A separate email for each recipient.
before = len(arrived())
same(client.send(new_email(to=["eva@example.com", "fay@example.com"], is_multiple=True)).status_code, 202, "many")
same([m["personalization"] for m in arrived()[before:]], [0, 1], "one personalization each")

# A dynamic template: the data is kept for each recipient.
email = Mail(from_email="shop@example.com")
for name in ["gus", "hal"]:
    to = To(f"{name}@example.com", dynamic_template_data={"name": name, "items": [1, 2]})
    email.add_to(to, is_multiple=True)
email.template_id = "d-0123456789abcdef0123456789abcdef"
before = len(arrived())
same(client.send(email).status_code, 202, "template")
new = arrived()[before:]
same(
    sorted((m["to"]["email"], m["template_data"]["name"]) for m in new),
    [("gus@example.com", "gus"), ("hal@example.com", "hal")],
    "template data for each recipient",
)
same({m["template_id"] for m in new}, {"d-0123456789abcdef0123456789abcdef"}, "template id")

# Substitutions.
email = new_email("Hello -name-", text="Dear -name-", html="<p>Dear -name-</p>")
email.personalizations[0].add_substitution(sendgrid.helpers.mail.Substitution("-name-", "Ada"))
client.send(email)
same((arrived()[-1]["subject"], arrived()[-1]["text"]), ("Hello Ada", "Dear Ada"), "substitution")

# Sandbox mode only validates.
before = len(arrived())
email = new_email()
email.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
same(client.send(email).status_code, 200, "sandbox mode")
same(len(arrived()), before, "sandbox mode sends nothing")

# Errors, each with the exception class of the client.
def field_of(email, what):
    before = len(arrived())
    error = refused(BadRequestsError, lambda: client.send(email), what)
    same(error.status_code, 400, what)
    check(errors_of(error)[0]["message"], f"{what}: a message")
    same(len(arrived()), before, f"{what}: nothing is sent")
    return errors_of(error)[0]["field"]


email = new_email().get()
email["personalizations"][0]["to"][0]["email"] = "not an address"
same(field_of(email, "recipient"), "personalizations.0.to.0.email", "field")
same(field_of(new_email(text="", html=""), "empty content")[:7], "content", "field")
same(field_of(new_email(""), "empty subject"), "subject", "field")
email = new_email()
email.send_at = SendAt(int(time.time()) + 100 * 3600)
same(field_of(email, "too far ahead"), "send_at", "field")
email = new_email()
email.batch_id = BatchId("bmadeup")
same(field_of(email, "unknown batch"), "batch_id", "field")
stranger = sendgrid.SendGridAPIClient("nonsense", host=place["url"])
error = refused(UnauthorizedError, lambda: stranger.send(new_email()), "wrong key")
same(errors_of(error)[0]["message"], "authorization required", "wrong key")
refused(NotFoundError, lambda: client.client.nowhere.get(), "no such path")
error = refused(HTTPError, lambda: client.client.mail.send.get(), "wrong method")
same(error.status_code, 405, "wrong method")

# Scheduled email: batch, pause, cancel, release.
response = client.client.mail.batch.post()
same(response.status_code, 201, "new batch")
batch = json.loads(response.body)["batch_id"]
same(json.loads(client.client.mail.batch._(batch).get().body)["batch_id"], batch, "get the batch")
refused(BadRequestsError, lambda: client.client.mail.batch._("none").get(), "no such batch")
email = new_email("Later")
email.send_at = SendAt(int(time.time()) + 3600)
email.batch_id = BatchId(batch)
same(client.send(email).status_code, 202, "scheduled")
number = arrived()[-1]["number"]


def status():
    return arrived()[number - 1]["status"]


sends = client.client.user.scheduled_sends
queued = status()
response = sends.post(request_body={"batch_id": batch, "status": "pause"})
same((response.status_code, status()), (201, "paused"), "pause")
error = refused(
    BadRequestsError,
    lambda: sends.post(request_body={"batch_id": batch, "status": "cancel"}),
    "a second status",
)
response = sends._(batch).patch(request_body={"status": "cancel"})
same((response.status_code, status()), (204, "cancelled"), "cancel")
same(
    json.loads(sends._(batch).get().body), [{"batch_id": batch, "status": "cancel"}], "one batch"
)
check({"batch_id": batch, "status": "cancel"} in json.loads(sends.get().body), "all batches")
same((sends._(batch).delete().status_code, status()), (204, queued), "release")
same(json.loads(sends._(batch).get().body), [], "released")
refused(NotFoundError, lambda: sends._(batch).delete(), "release twice")

done(f"sendgrid {sendgrid.__version__}", 66)
