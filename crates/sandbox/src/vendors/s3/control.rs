//! The objects at the control address, as JSON and as a table of the page.

use http::Response;
use serde_json::json;

use super::store::ObjectRecord;
use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::html::{Link, Table, escape};
use crate::reply::pretty;

/// The lists that the page links to.
pub(super) const LINKS: &[Link] = &[Link {
    list: "objects",
    label: "objects",
}];

/// Responds to `GET /_sandbox/s3/objects`.
pub(super) fn respond(
    objects: &[ObjectRecord],
    request: &ControlRequest<'_>,
) -> Option<Response<ResponseBody>> {
    match (request.method, request.steps) {
        ("GET", ["objects"]) => Some(pretty(json!(objects))),
        _ => None,
    }
}

/// The table of the objects.
pub(super) fn tables(objects: &[ObjectRecord]) -> Vec<Table> {
    let heads = &["key", "bytes", "type"];
    let objects = Table::newest("Objects", heads, objects, |_, object| {
        let (bucket, key) = (escape(&object.bucket), escape(&object.key));
        vec![
            format!("<code>{bucket}/{key}</code>"),
            object.size.to_string(),
            escape(&object.content_type),
        ]
    });
    vec![objects]
}
