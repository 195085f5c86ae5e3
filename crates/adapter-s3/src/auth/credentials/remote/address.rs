//! The URLs of the services that issue credentials.

use anyvendor_core::Error;
use url::{Host, Url};

/// The addresses of the container agent, on ECS and on EKS.
const ECS: &str = "http://169.254.170.2";
const EKS: [&str; 2] = ["169.254.170.23", "fd00:ec2::23"];

pub(super) fn url(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|_| Error::config("credentials", "the URL of the service is invalid"))
}

/// The URL in the container's variables. Plain HTTP is allowed only to the machine itself and to the known agents.
pub(super) fn container_url(variable: impl Fn(&str) -> Option<String>) -> Result<Url, Error> {
    if let Some(relative) = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        return below_agent(&relative);
    }
    let Some(full) = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else {
        return Err(Error::config(
            "credentials",
            "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
        ));
    };
    let url = url(&full)?;
    let local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || EKS.contains(&ip.to_string().as_str()),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || EKS.contains(&ip.to_string().as_str()),
        Some(Host::Domain(host)) => host == "localhost",
        None => false,
    };
    if url.scheme() == "https" || local {
        return Ok(url);
    }
    Err(Error::config(
        "credentials",
        "the container's URL must be https, or point to this machine or its agent",
    ))
}

/// The URL of a path and its query at the container's agent, whatever the path contains.
fn below_agent(relative: &str) -> Result<Url, Error> {
    let refuse = || {
        Error::config(
            "credentials",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with one /",
        )
    };
    let is_path = relative.starts_with('/') && !relative.starts_with("//");
    if !is_path || relative.contains(['\\', '#']) || relative.contains(char::is_control) {
        return Err(refuse());
    }
    let (path, query) = match relative.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (relative, None),
    };
    let mut address = url(ECS)?;
    address.set_path(path);
    address.set_query(query);
    Ok(address)
}
