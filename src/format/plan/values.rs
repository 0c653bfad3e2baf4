//! Texts that extensions are made of, each parsed once.

use core::net::IpAddr;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no value of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct MalformedValue {
    /// What does not hold, as a whole sentence.
    pub reason: &'static str,
}

type Checked = Result<(), MalformedValue>;

macro_rules! parsed_text {
    ($($(#[doc = $meaning:literal])+ $type:ident by $check:ident;)+) => {$(
        $(#[doc = $meaning])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = MalformedValue;

            fn from_str(text: &str) -> Result<Self, MalformedValue> {
                $check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = MalformedValue;

            fn try_from(text: String) -> Result<Self, MalformedValue> {
                $check(&text).map(|()| Self(text))
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> Self {
                text.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

parsed_text! {
    /// A SPIFFE ID (SPIFFE-ID 2), with or without a path.
    SpiffeId by spiffe_id;
    /// A dNSName subtree (RFC 5280 4.2.1.10): a lower-case host name, which stands for itself and everything below it.
    DnsConstraint by dns_constraint;
    /// An iPAddress subtree (RFC 5280 4.2.1.10): `ADDRESS/BITS`, in the one spelling of RFC 5952, no bit set after the prefix.
    IpConstraint by ip_constraint;
    /// A uniformResourceIdentifier subtree (RFC 5280 4.2.1.10): a host, or with a leading dot every host below it.
    UriConstraint by uri_constraint;
    /// A certificate policy (RFC 5280 4.2.1.4): a dotted object identifier.
    PolicyId by policy_id;
    /// An `http` URL (RFC 9110 4.2.1) without user, fragment and anything that needs escaping.
    HttpUrl by http_url;
}

impl SpiffeId {
    /// The trust domain (SPIFFE-ID 2.1).
    pub fn trust_domain(&self) -> &str {
        self.after_scheme().split_once('/').map_or(self.after_scheme(), |(domain, _)| domain)
    }

    /// The path with its leading slash (SPIFFE-ID 2.2); empty for the trust domain itself.
    pub fn path(&self) -> &str {
        self.after_scheme().strip_prefix(self.trust_domain()).unwrap_or_default()
    }

    fn after_scheme(&self) -> &str {
        self.0.strip_prefix(SPIFFE).unwrap_or_default()
    }
}

impl IpConstraint {
    /// Address, then mask, as iPAddress has them (RFC 5280 4.2.1.10): 8 or 32 octets.
    pub fn octets(&self) -> Vec<u8> {
        let Ok((address, bits)) = cidr(&self.0) else { return Vec::new() };
        let address = octets(address);
        let mask = (0..address.len()).map(|octet| mask_octet(octet, bits)).collect();
        [address, mask].concat()
    }

    /// From address and mask; `None` when the mask has a hole, or the address a bit after it.
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let (address, mask) = octets.split_at_checked(octets.len() / 2)?;
        let address = match address.len() {
            4 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
            _ => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
        };
        let bits: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
        let constraint: Self = format!("{address}/{bits}").parse().ok()?;
        (constraint.octets() == octets).then_some(constraint)
    }
}

const SPIFFE: &str = "spiffe://";

const fn malformed(reason: &'static str) -> MalformedValue {
    MalformedValue { reason }
}

fn demand(holds: bool, reason: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(malformed(reason)) }
}

fn spiffe_id(text: &str) -> Checked {
    let rest =
        text.strip_prefix(SPIFFE).ok_or(malformed("a SPIFFE ID begins with `spiffe://` (SPIFFE-ID 2)"))?;
    demand(text.len() <= 2048, "a SPIFFE ID has at most 2048 bytes (SPIFFE-ID 2.3)")?;
    let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
    demand(!domain.is_empty(), "a SPIFFE ID has a trust domain (SPIFFE-ID 2.1)")?;
    demand(domain.len() <= 255, "a trust domain has at most 255 bytes (SPIFFE-ID 2.1)")?;
    demand(
        domain.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_')),
        "a trust domain has lower-case letters, digits, `.`, `-` and `_`, no user and no port (SPIFFE-ID 2.1)",
    )?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    demand(
        path.is_none_or(|path| {
            path.split('/')
                .all(|part| !part.is_empty() && part != "." && part != ".." && part.chars().all(fits))
        }),
        "each part of a SPIFFE ID's path has letters, digits, `.`, `-` and `_`, and none is empty, `.` or `..` \
         (SPIFFE-ID 2.2)",
    )
}

/// RFC 1034 3.5 and RFC 1123 2.1, lower-case; the last label is no number, so that it is no address.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = |label: &str| label.chars().all(|c| c.is_ascii_digit());
    text.len() <= 253 && text.split('.').all(label) && !text.rsplit('.').next().is_some_and(numeric)
}

fn dns_constraint(text: &str) -> Checked {
    demand(
        is_host(text),
        "a DNS constraint is a lower-case host name without leading dot, asterisk and underscore (RFC 5280 4.2.1.10)",
    )
}

fn uri_constraint(text: &str) -> Checked {
    demand(
        is_host(text.strip_prefix('.').unwrap_or(text)),
        "a URI constraint is a lower-case host, or a dot and a domain, without scheme, port and path (RFC 5280 4.2.1.10)",
    )
}

fn ip_constraint(text: &str) -> Checked {
    let (address, bits) = cidr(text)?;
    demand(format!("{address}/{bits}") == text, "an address range has one spelling (RFC 5952)")?;
    let mut host =
        octets(address).into_iter().enumerate().map(|(octet, value)| value & !mask_octet(octet, bits));
    demand(host.all(|rest| rest == 0), "an address range has no bit set after its prefix")
}

fn cidr(text: &str) -> Result<(IpAddr, u8), MalformedValue> {
    const FORM: MalformedValue =
        malformed("an address range is `ADDRESS/BITS`, such as `10.0.0.0/8` or `2001:db8::/32`");
    let (address, bits) = text.split_once('/').ok_or(FORM)?;
    let (address, bits): (IpAddr, u8) = (address.parse().map_err(|_| FORM)?, bits.parse().map_err(|_| FORM)?);
    let most = if address.is_ipv4() { 32 } else { 128 };
    if bits <= most { Ok((address, bits)) } else { Err(FORM) }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The octet at that place of a mask with so many bits.
fn mask_octet(octet: usize, bits: u8) -> u8 {
    let ones = usize::from(bits).saturating_sub(octet * 8).min(8);
    u8::try_from(0xff00_u16 >> ones & 0xff).unwrap_or(0xff)
}

fn policy_id(text: &str) -> Checked {
    let arcs: Option<Vec<u32>> = text.split('.').map(|arc| arc.parse().ok()).collect();
    let right = arcs.is_some_and(|arcs| match arcs.as_slice() {
        // A greater second arc below 2 is good ASN.1; the decoder of `pki` takes none.
        [0..=2, second, _, ..] => *second < 40,
        _ => false,
    });
    // The spelling is compared so that `2.05.1` does not name what `2.5.1` does.
    let spelled = text.split('.').all(|arc| arc == "0" || !arc.starts_with(['0', '+']));
    demand(
        right && spelled && text.len() <= 64,
        "a policy is an object identifier of three arcs or more, the second 39 at most, such as `1.3.6.1.4.1.32473.1`",
    )
}

fn http_url(text: &str) -> Checked {
    const FORM: &str = "a URL here is `http://HOST/PATH` in lower-case host and printable ASCII: nobody can check the \
                        certificate of an `https` server before reading what is there (RFC 5280 8)";
    let (authority, path) =
        text.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or(malformed(FORM))?;
    let (host, port) = authority.split_once(':').map_or((authority, "80"), |(host, port)| (host, port));
    let port = port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
    let fits = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@?%".contains(c);
    demand(is_host(host) && port && path.chars().all(fits) && text.len() <= 2048, FORM)
}

#[cfg(test)]
mod tests;
