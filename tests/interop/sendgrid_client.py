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


def letter(subject="Your order", to="ada@example.com", **more):
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


# One mail with everything on it.
before = len(arrived())
mail = letter(to=[To("ada@example.com", "Ada"), To("bob@example.com")])
mail.add_cc(Cc("carl@example.com"))
mail.add_bcc(Bcc("dora@example.com"))
mail.reply_to = ReplyTo("help@example.com", "Help")
mail.add_category(Category("orders"))
mail.add_custom_arg(CustomArg("order", "peer-1"))
mail.add_header(Header("X-Order", "peer-1"))
invoice = b"%PDF-1.7 not much of one"
mail.add_attachment(
    Attachment(
        FileContent(base64.b64encode(invoice).decode()),
        FileName("invoice.pdf"),
        FileType("application/pdf"),
        Disposition("attachment"),
    )
)
mail.add_attachment(
    Attachment(
        FileContent(base64.b64encode(b"logo").decode()),
        FileName("logo.png"),
        FileType("image/png"),
        Disposition("inline"),
        ContentId("logo"),
    )
)
answer = client.send(mail)
same(answer.status_code, 202, "send")
same(answer.body, b"", "an accepted mail has no body")
check(answer.headers["X-Message-Id"], "message id")
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
same(one["request_id"], answer.headers["X-Message-Id"], "message id in the books")
same(one["from"], {"email": "shop@example.com", "name": "The shop"}, "from")
same(one["to"]["name"], "Ada", "name of the recipient")
same(one["reply_to"], [{"email": "help@example.com", "name": "Help"}], "reply to")
same(one["subject"], "Your order", "subject")
same(one["text"], "It is on its way.", "text")
same(one["html"], "<p>It is on its <b>way</b>.</p>", "html")
same(one["categories"], ["orders"], "categories")
same(one["custom_args"], {"order": "peer-1"}, "custom arguments")
same(one["headers"], {"X-Order": "peer-1"}, "headers")
same([f["filename"] for f in one["attachments"]], [f["filename"] for f in mail.get()["attachments"]], "order of the files")
files = [(f["filename"], f["disposition"], f["content_id"], f["size"]) for f in one["attachments"]]
same(
    sorted(files),
    [("invoice.pdf", "attachment", None, len(invoice)), ("logo.png", "inline", "logo", 4)],
    "attachments",
)

# A mail of its own for each recipient.
before = len(arrived())
same(client.send(letter(to=["eva@example.com", "fay@example.com"], is_multiple=True)).status_code, 202, "many")
same([m["personalization"] for m in arrived()[before:]], [0, 1], "one personalization each")

# A dynamic template: the data are kept for each recipient.
mail = Mail(from_email="shop@example.com")
for name in ["gus", "hal"]:
    to = To(f"{name}@example.com", dynamic_template_data={"name": name, "items": [1, 2]})
    mail.add_to(to, is_multiple=True)
mail.template_id = "d-0123456789abcdef0123456789abcdef"
before = len(arrived())
same(client.send(mail).status_code, 202, "template")
new = arrived()[before:]
same(
    sorted((m["to"]["email"], m["template_data"]["name"]) for m in new),
    [("gus@example.com", "gus"), ("hal@example.com", "hal")],
    "data of the template, each recipient's own",
)
same({m["template_id"] for m in new}, {"d-0123456789abcdef0123456789abcdef"}, "template id")

# Substitutions.
mail = letter("Hello -name-", text="Dear -name-", html="<p>Dear -name-</p>")
mail.personalizations[0].add_substitution(sendgrid.helpers.mail.Substitution("-name-", "Ada"))
client.send(mail)
same((arrived()[-1]["subject"], arrived()[-1]["text"]), ("Hello Ada", "Dear Ada"), "substitution")

# Only a check.
before = len(arrived())
mail = letter()
mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
same(client.send(mail).status_code, 200, "sandbox mode")
same(len(arrived()), before, "sandbox mode sends nothing")

# Errors, each in the class of the client.
def field_of(mail, what):
    before = len(arrived())
    error = refused(BadRequestsError, lambda: client.send(mail), what)
    same(error.status_code, 400, what)
    check(errors_of(error)[0]["message"], f"{what}: a message")
    same(len(arrived()), before, f"{what}: nothing is sent")
    return errors_of(error)[0]["field"]


mail = letter().get()
mail["personalizations"][0]["to"][0]["email"] = "not an address"
same(field_of(mail, "recipient"), "personalizations.0.to.0.email", "field")
same(field_of(letter(text="", html=""), "empty content")[:7], "content", "field")
same(field_of(letter(""), "empty subject"), "subject", "field")
mail = letter()
mail.send_at = SendAt(int(time.time()) + 100 * 3600)
same(field_of(mail, "too far ahead"), "send_at", "field")
mail = letter()
mail.batch_id = BatchId("bmadeup")
same(field_of(mail, "unknown batch"), "batch_id", "field")
stranger = sendgrid.SendGridAPIClient("nonsense", host=place["url"])
error = refused(UnauthorizedError, lambda: stranger.send(letter()), "wrong key")
same(errors_of(error)[0]["message"], "authorization required", "wrong key")
refused(NotFoundError, lambda: client.client.nowhere.get(), "no such path")
error = refused(HTTPError, lambda: client.client.mail.send.get(), "wrong method")
same(error.status_code, 405, "wrong method")

# Scheduled mail: batch, pause, cancel, release.
answer = client.client.mail.batch.post()
same(answer.status_code, 201, "new batch")
batch = json.loads(answer.body)["batch_id"]
same(json.loads(client.client.mail.batch._(batch).get().body)["batch_id"], batch, "get the batch")
refused(BadRequestsError, lambda: client.client.mail.batch._("none").get(), "no such batch")
mail = letter("Later")
mail.send_at = SendAt(int(time.time()) + 3600)
mail.batch_id = BatchId(batch)
same(client.send(mail).status_code, 202, "scheduled")
number = arrived()[-1]["number"]


def status():
    return arrived()[number - 1]["status"]


sends = client.client.user.scheduled_sends
queued = status()
answer = sends.post(request_body={"batch_id": batch, "status": "pause"})
same((answer.status_code, status()), (201, "paused"), "pause")
error = refused(
    BadRequestsError,
    lambda: sends.post(request_body={"batch_id": batch, "status": "cancel"}),
    "a second status",
)
answer = sends._(batch).patch(request_body={"status": "cancel"})
same((answer.status_code, status()), (204, "cancelled"), "cancel")
same(
    json.loads(sends._(batch).get().body), [{"batch_id": batch, "status": "cancel"}], "one batch"
)
check({"batch_id": batch, "status": "cancel"} in json.loads(sends.get().body), "all batches")
same((sends._(batch).delete().status_code, status()), (204, queued), "release")
same(json.loads(sends._(batch).get().body), [], "released")
refused(NotFoundError, lambda: sends._(batch).delete(), "release twice")

done(f"sendgrid {sendgrid.__version__}", 66)
