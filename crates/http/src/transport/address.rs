//! The addresses that requests may go to: public ones over HTTPS, unless the settings allow private ones.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use anyvendor_core::transport::{TransportCause, TransportError};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Rejects a private IP address in the URL, and plain HTTP, before anything is resolved.
pub(super) fn check(url: &Url, allow_private: bool) -> Result<(), TransportError> {
    if allow_private {
        return Ok(());
    }
    let private = match url.host() {
        Some(Host::Ipv4(ip)) => is_private(ip.into()),
        Some(Host::Ipv6(ip)) => is_private(ip.into()),
        // Names are checked by the addresses that they resolve to, at the moment of connecting.
        Some(Host::Domain(_)) => false,
        None => true,
    };
    if private || url.scheme() != "https" {
        return Err(blocked());
    }
    Ok(())
}

fn blocked() -> TransportError {
    TransportError {
        cause: TransportCause::BlockedAddress,
        message: "the address is private or not https; an emulator on this machine needs allow_private_addresses"
            .to_owned(),
    }
}

/// Marks a resolution that found only private addresses, to distinguish it from a name that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("resolves to private addresses")]
pub(super) struct Blocked;

/// Finds the addresses of a name. Open: an application may implement its own DNS.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All addresses of a host.
    ///
    /// # Errors
    /// If the name cannot be resolved.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Leaves out private addresses at the moment of connecting: a name that changes its mind between check and use gains
/// nothing.
#[derive(Debug)]
pub(super) struct Guarded {
    names: Arc<dyn Resolver>,
    allow_private: bool,
}

impl Guarded {
    pub(super) fn new(names: Arc<dyn Resolver>, allow_private: bool) -> Self {
        Self {
            names,
            allow_private,
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow_private) = (Arc::clone(&self.names), self.allow_private);
        Box::pin(async move {
            let all = names.resolve(name.as_str()).await?;
            let found = !all.is_empty();
            let allowed: Vec<_> = all
                .into_iter()
                .filter(|ip| allow_private || !is_private(*ip))
                .map(|ip| SocketAddr::new(ip, 0))
                .collect();
            if found && allowed.is_empty() {
                return Err(Box::new(Blocked) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is not on the public internet. See the IANA special-purpose address registries.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(v4) => is_private_v4(v4),
            None => is_private_v6(ip),
        },
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        // 6to4 relays, RFC 7526.
        || (a == 192 && b == 88 && c == 99)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // Only 2000::/3 is assigned to the public internet, and parts of it are not.
    (first & 0xe000) != 0x2000
        // Teredo, ORCHID, benchmarks and other protocols.
        || (first == 0x2001 && second < 0x200)
        // Documentation.
        || (first == 0x2001 && second == 0xdb8)
        || (first == 0x3fff && second < 0x1000)
}

/// The IPv4 address that packets to a mapped, NAT64, 6to4, ISATAP or (long abolished) compatible address go to.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        // The well-known prefix alone; 64:ff9b:1::/48 is for private use.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        // RFC 5214, below a prefix of the public internet.
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(join(high, low)),
        _ => ip.to_ipv4(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_private_addresses_are_refused() {
        for text in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[::127.0.0.1]/",
            "https://[fec0::1]/",
            "https://224.0.0.1/",
            "http://8.8.8.8/",
        ] {
            let url = Url::parse(text).unwrap();
            assert!(check(&url, false).is_err(), "{text}");
            assert!(check(&url, true).is_ok(), "{text}");
        }
        for text in [
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://api.acme.example/",
        ] {
            assert!(check(&Url::parse(text).unwrap(), false).is_ok(), "{text}");
        }
    }

    #[test]
    fn sf12_no_form_of_ipv6_passes_as_public() {
        for private in [
            // An IPv4 address translated (RFC 6052), tunnelled (Teredo, 6to4, ISATAP) or mapped.
            "::ffff:0:127.0.0.1",
            "::ffff:0:8.8.8.8",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::7f00:1",
            "64:ff9b:1:7f00:0:100::",
            "64:ff9b:1::8.8.8.8",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2002:a00:1::",
            "2002:a9fe:a9fe::1",
            "::5efe:7f00:1",
            "fe80::5efe:192.168.0.1",
            "2606:4700::5efe:127.0.0.1",
            "2606:4700::200:5efe:10.0.0.1",
            // Ranges that are not public.
            "::",
            "::1",
            "::2",
            "100::1",
            "100:0:0:1::1",
            "1::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "192.88.99.1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
            if let Ok(IpAddr::V6(ip)) = private.parse() {
                let url = Url::parse(&format!("https://[{ip}]/")).unwrap();
                assert!(check(&url, false).is_err(), "{private}");
            }
        }
        for public in [
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2a00:1450::1",
            "3fff:1000::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2606:4700::5efe:8.8.8.8",
            "192.88.98.1",
        ] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn t19_a_name_for_a_private_address_is_refused_at_connect_time() {
        let guarded = Guarded::new(Arc::new(SystemResolver), false);
        let result = Resolve::resolve(&guarded, "localhost".parse().unwrap()).await;
        assert!(result.err().unwrap().downcast_ref::<Blocked>().is_some());
    }
}
