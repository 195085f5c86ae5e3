//! A neutral message in SendGrid's wire format; what SendGrid cannot express is rejected here, before anything is sent.

use std::{borrow::Cow, collections::HashSet};

use anyvendor_core::{
    Error,
    email::{
        BulkRecipient, EmailContent, EmailMessage, MessageReference, TemplateData, Tracking,
        UnsubscribeGroup,
    },
    values::{EmailAddress, Metadata},
};
use serde_json::{Map, Value, value::RawValue};

use super::{attachment, check, options::SendGridOptions, recipients::Recipients, size::json_len};
use crate::{config::VENDOR, wire};

/// The most bytes of arguments, and of substitutions, of one personalization.
const MAX_ARGS: usize = 10_000;
const MAX_CATEGORIES: usize = 10;
const MAX_CATEGORY_CHARS: usize = 255;
const MAX_GROUPS_SHOWN: usize = 25;
const MAX_REPLY_TO: usize = 1_000;

/// A message in the vendor's format, before it is split into requests.
pub(super) struct Draft<'a> {
    pub(super) shared: wire::Shared<'a>,
    filling: Filling<'a>,
    data: Option<&'a TemplateData>,
    metadata: &'a Metadata,
}

/// How data is put into the text.
enum Filling<'a> {
    /// Data fills the names of a dynamic template.
    Dynamic,
    /// Data replaces tags.
    Tags(Option<&'a (String, String)>),
    /// The text has no data.
    Nothing,
}

impl<'a> Draft<'a> {
    /// Builds the part that all recipients of a message share.
    pub(super) fn new(message: &'a EmailMessage, sandbox_mode: bool) -> Result<Self, Error> {
        let options = SendGridOptions::of(&message.extensions)?;
        let marks = options.and_then(|options| options.substitution_marks.as_ref());
        let mut reply_to: Vec<_> = message.reply_to.iter().map(sender).collect();
        if reply_to.len() > MAX_REPLY_TO {
            return Err(Error::invalid("reply_to", "takes at most 1000 addresses"));
        }
        let mut seen = HashSet::new();
        reply_to.retain(|mailbox| seen.insert(mailbox.email.to_lowercase()));
        let (one_reply_to, reply_to_list) = match reply_to.len() {
            1 => (reply_to.pop(), Vec::new()),
            _ => (None, reply_to),
        };
        let mut shared = wire::Shared {
            from: sender(&message.from),
            reply_to: one_reply_to,
            reply_to_list,
            subject: None,
            content: Vec::new(),
            attachments: message
                .attachments
                .iter()
                .map(attachment::encode)
                .collect::<Result<_, _>>()?,
            template_id: None,
            headers: check::headers(&message.headers)?,
            categories: categories(&message.tags)?,
            send_at: None,
            batch_id: None,
            asm: message.unsubscribe_group.as_ref().map(asm).transpose()?,
            ip_pool_name: options.and_then(|options| options.ip_pool_name.as_deref()),
            mail_settings: mail_settings(options, sandbox_mode),
            tracking_settings: tracking_settings(message.tracking, options),
        };
        let (filling, data) = match &message.content {
            EmailContent::Written {
                subject,
                text,
                html,
            } => {
                check::subject(subject)?;
                shared.subject = Some(subject.as_str()).filter(|subject| !subject.is_empty());
                shared.content = written(text.as_deref(), html.as_deref())?;
                let filling = marks.map_or(Filling::Nothing, |marks| Filling::Tags(Some(marks)));
                (filling, None)
            }
            EmailContent::Template { id, data } => {
                if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(Error::invalid(
                        "content",
                        "the template's id must be visible ASCII",
                    ));
                }
                shared.template_id = Some(id);
                let filling = if id.starts_with("d-") {
                    Filling::Dynamic
                } else {
                    Filling::Tags(marks)
                };
                (filling, Some(data))
            }
            _ => return Err(Error::unsupported(VENDOR, "content of this sort")),
        };
        Ok(Self {
            shared,
            filling,
            data,
            metadata: &message.metadata,
        })
    }

    /// The one personalization of a single message.
    pub(super) fn to_all(
        &self,
        reference: &'a MessageReference,
        recipients: &Recipients<'a>,
    ) -> Result<Box<RawValue>, Error> {
        self.needs_subject(self.shared.subject)?;
        let mailboxes =
            |people: &[&'a EmailAddress]| people.iter().copied().map(recipient).collect();
        self.write(
            wire::Personalization {
                to: mailboxes(&recipients.to),
                cc: mailboxes(&recipients.cc),
                bcc: mailboxes(&recipients.bcc),
                subject: None,
                substitutions: Map::new(),
                dynamic_template_data: Map::new(),
                custom_args: custom_args(reference, self.metadata, None)?,
            },
            None,
        )
    }

    /// The personalization of one of many recipients.
    pub(super) fn to_one(&self, person: &'a BulkRecipient) -> Result<Box<RawValue>, Error> {
        let subject = person
            .subject
            .as_deref()
            .filter(|subject| !subject.is_empty());
        if let Some(subject) = subject {
            if self.shared.template_id.is_some() {
                return Err(Error::unsupported(
                    VENDOR,
                    "a subject in addition to the template's",
                ));
            }
            check::subject(subject)?;
        }
        self.needs_subject(subject.or(self.shared.subject))?;
        self.write(
            wire::Personalization {
                to: vec![recipient(&person.to)],
                cc: Vec::new(),
                bcc: Vec::new(),
                subject,
                substitutions: Map::new(),
                dynamic_template_data: Map::new(),
                custom_args: custom_args(&person.reference, self.metadata, Some(&person.metadata))?,
            },
            Some(&person.data),
        )
    }

    fn needs_subject(&self, subject: Option<&str>) -> Result<(), Error> {
        if subject.is_some() || self.shared.template_id.is_some() {
            Ok(())
        } else {
            Err(Error::invalid(
                "subject",
                "is empty; the vendor does not accept that",
            ))
        }
    }

    fn write(
        &self,
        mut personalization: wire::Personalization<'_>,
        own: Option<&TemplateData>,
    ) -> Result<Box<RawValue>, Error> {
        let mut data = self.data.cloned().unwrap_or_default();
        data.extend(
            own.into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        match &self.filling {
            Filling::Dynamic => personalization.dynamic_template_data = data,
            Filling::Tags(marks) => personalization.substitutions = substitutions(data, *marks)?,
            Filling::Nothing if data.is_empty() => {}
            Filling::Nothing => {
                return Err(Error::unsupported(
                    VENDOR,
                    "data for written content without SendGridOptions::substitution_marks",
                ));
            }
        }
        serde_json::value::to_raw_value(&personalization)
            .map_err(|_| Error::invalid("content", "the data cannot be written as JSON"))
    }
}

/// A sender's mailbox, where any name is allowed (sendgrid-python#291).
fn sender(address: &EmailAddress) -> wire::Mailbox<'_> {
    wire::Mailbox {
        email: address.address(),
        name: address.name().map(Cow::Borrowed),
    }
}

/// A recipient's mailbox.
///
/// With a comma or a semicolon in a recipient's name the vendor accepts the email and then drops it. A quoted name works, and
/// the vendor's own client writes it so (sendgrid-python#291, #618).
fn recipient(address: &EmailAddress) -> wire::Mailbox<'_> {
    let quoted = |name: &str| {
        let escaped = name.replace('\\', r"\\").replace('"', r#"\""#);
        Cow::Owned(["\"", escaped.as_str(), "\""].concat())
    };
    let name = address.name().map(|name| {
        if name.contains([',', ';']) {
            quoted(name)
        } else {
            Cow::Borrowed(name)
        }
    });
    wire::Mailbox {
        email: address.address(),
        name,
    }
}

/// The parts in the order that the vendor requires. An empty part is left out: the vendor rejects it.
fn written<'a>(
    text: Option<&'a str>,
    html: Option<&'a str>,
) -> Result<Vec<wire::Content<'a>>, Error> {
    let part = |media_type, value: Option<&'a str>| {
        value
            .filter(|value| !value.is_empty())
            .map(|value| wire::Content { media_type, value })
    };
    let parts: Vec<_> = part("text/plain", text)
        .into_iter()
        .chain(part("text/html", html))
        .collect();
    if parts.is_empty() {
        Err(Error::invalid(
            "content",
            "has neither text nor HTML; set one of them",
        ))
    } else {
        Ok(parts)
    }
}

fn categories(tags: &[String]) -> Result<Vec<&str>, Error> {
    let mut categories: Vec<&str> = Vec::new();
    for tag in tags {
        if tag.is_empty() || tag.chars().count() > MAX_CATEGORY_CHARS {
            return Err(Error::invalid("tags", "each must have 1 to 255 characters"));
        }
        if !categories.contains(&tag.as_str()) {
            categories.push(tag);
        }
    }
    if categories.len() > MAX_CATEGORIES {
        Err(Error::invalid(
            "tags",
            format_args!("has {}; use at most 10", categories.len()),
        ))
    } else {
        Ok(categories)
    }
}

fn asm(group: &UnsubscribeGroup) -> Result<wire::Asm, Error> {
    let id = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().ok_or_else(|| {
            Error::invalid(
                "unsubscribe_group",
                "the ids of this vendor's groups are numbers",
            )
        })
    };
    if group.shown.len() > MAX_GROUPS_SHOWN {
        return Err(Error::invalid(
            "unsubscribe_group",
            "at most 25 groups can be shown",
        ));
    }
    Ok(wire::Asm {
        group_id: id(&group.id)?,
        groups_to_display: group
            .shown
            .iter()
            .map(|shown| id(shown))
            .collect::<Result<_, _>>()?,
    })
}

fn mail_settings(
    options: Option<&SendGridOptions>,
    sandbox_mode: bool,
) -> Option<wire::MailSettings> {
    let on = |enable: bool| enable.then_some(wire::Enable { enable });
    let bypass = options.is_some_and(|options| options.bypass_list_management);
    (bypass || sandbox_mode).then(|| wire::MailSettings {
        bypass_list_management: on(bypass),
        sandbox_mode: on(sandbox_mode),
    })
}

fn tracking_settings(
    tracking: Tracking,
    options: Option<&SendGridOptions>,
) -> Option<wire::TrackingSettings<'_>> {
    let marks = options.and_then(|options| options.google_analytics.as_ref());
    if tracking == Tracking::default() && marks.is_none() {
        return None;
    }
    let switch = |enable: Option<bool>| enable.map(|enable| wire::Enable { enable });
    Some(wire::TrackingSettings {
        click_tracking: switch(tracking.clicks),
        open_tracking: switch(tracking.opens),
        ganalytics: marks.map(|marks| wire::GoogleAnalytics {
            enable: true,
            utm_source: marks.source.as_deref(),
            utm_medium: marks.medium.as_deref(),
            utm_term: marks.term.as_deref(),
            utm_content: marks.content.as_deref(),
            utm_campaign: marks.campaign.as_deref(),
        }),
    })
}

/// The arguments that events return: the shared metadata, then the recipient's own, and our id.
fn custom_args(
    reference: &MessageReference,
    shared: &Metadata,
    own: Option<&Metadata>,
) -> Result<Map<String, Value>, Error> {
    let mut args = Map::new();
    for (name, value) in shared
        .iter()
        .chain(own.into_iter().flat_map(Metadata::iter))
    {
        check::argument_name(name)?;
        args.insert(name.to_owned(), value.into());
    }
    args.insert(check::REFERENCE_ARG.to_owned(), reference.as_str().into());
    within(&args, "metadata")?;
    Ok(args)
}

/// Tags and their replacements; the vendor accepts only text and null.
fn substitutions(
    data: TemplateData,
    marks: Option<&(String, String)>,
) -> Result<Map<String, Value>, Error> {
    let mut tags = Map::new();
    for (name, value) in data {
        if !(value.is_string() || value.is_null()) {
            return Err(Error::invalid(
                "content",
                "without a dynamic template (d-..) data must be text; write numbers as text",
            ));
        }
        let tag = match marks {
            Some((before, after)) => [before, name.as_str(), after].concat(),
            None => name,
        };
        tags.insert(tag, value);
    }
    within(&tags, "content")?;
    Ok(tags)
}

fn within(map: &Map<String, Value>, field: &'static str) -> Result<(), Error> {
    let bytes = json_len(map);
    if bytes > MAX_ARGS {
        Err(Error::invalid(
            field,
            format_args!("has {bytes} bytes for one recipient; the vendor accepts at most 10000"),
        ))
    } else {
        Ok(())
    }
}
