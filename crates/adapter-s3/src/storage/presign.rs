//! Presigned links.

use std::time::Duration;

use anyvendor_core::{
    Error,
    storage::{Presign, PresignMethod, PresignedRequest},
    values::SensitiveUrl,
};
use jiff::Timestamp;

use crate::{auth::sigv4::presign, client::S3};

/// The longest lifetime of a presigned link: a week. See "Authenticating Requests: Using Query Parameters" in the API reference.
pub(super) const MAX_SECONDS: u32 = 604_800;

impl S3 {
    pub(super) async fn presign_object(&self, request: Presign) -> Result<PresignedRequest, Error> {
        let seconds = request.expires_in.as_secs();
        if seconds == 0 || seconds > u64::from(MAX_SECONDS) {
            return Err(Error::invalid("expires_in", "must be 1 second to 7 days"));
        }
        let mut pairs = Vec::new();
        let mut headers = Vec::new();
        match request.method {
            PresignMethod::Get => {
                pairs.extend(
                    request
                        .content_type
                        .as_deref()
                        .map(|text| ("response-content-type", text)),
                );
                let disposition = request.content_disposition.as_deref();
                pairs.extend(disposition.map(|text| ("response-content-disposition", text)));
            }
            PresignMethod::Put => {
                if request.content_disposition.is_some() {
                    return Err(Error::invalid(
                        "content_disposition",
                        "is only for links that read",
                    ));
                }
                headers.extend(
                    request
                        .content_type
                        .map(|text| ("content-type".to_owned(), text)),
                );
            }
        }
        let method = match request.method {
            PresignMethod::Get => "GET",
            PresignMethod::Put => "PUT",
        };
        let mut url = self.url(Some(request.key.as_str()), &pairs);
        let now = self.auth.now();
        let credentials = self.auth.credentials().await?;
        presign(
            method,
            &mut url,
            headers.clone(),
            seconds,
            &self.auth.scope(now),
            &credentials,
        );
        let expires_at = now
            .checked_add(Duration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX);
        Ok(PresignedRequest::new(
            request.method,
            SensitiveUrl::new(url),
            headers,
            expires_at,
        ))
    }
}
