//! Who asks, and whether they may ask again so soon; decided before any handler.
//!
//! The limit is on what one key sends, or one address where there is no key that works. It is a
//! leaky bucket (GCRA) in the memory of each node, told as draft-ietf-httpapi-ratelimit-headers
//! has it.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use super::auth::{Asking, asking};
use super::outermost::RequestId;
use super::problem::{Problem, TOO_MANY_REQUESTS};
use crate::app::App;
use crate::config::Config;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The time in which a whole quota may be used, in seconds.
const WINDOW: u64 = 60;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Key(String),
    Network(IpNet),
}

type Limiter =
    RateLimiter<Subject, DefaultKeyedStateStore<Subject>, DefaultClock, StateInformationMiddleware>;

/// The rate limits of this process, and whose word it takes for where a request comes from.
#[derive(Clone)]
pub struct Limits {
    limiter: Option<(NonZeroU32, Arc<Limiter>)>,
    proxies: Vec<IpNet>,
}

/// What is left of a quota.
struct Left {
    requests: u32,
    /// Seconds until the whole quota is there again, or until the next request is let in.
    seconds: u64,
}

impl Limits {
    /// The limits of the settings.
    pub fn new(config: &Config) -> Self {
        let limiter = config.rate_limit.map(|number| {
            let quota = Quota::per_minute(number);
            let limiter = RateLimiter::keyed(quota).with_middleware();
            (number, Arc::new(limiter))
        });
        Self {
            limiter,
            proxies: config.trusted_proxies.clone(),
        }
    }

    /// Forgets who has not asked for a while, so that memory does not grow with strangers.
    pub fn tidy(&self) {
        if let Some((_, limiter)) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    /// Counts a request: what is left then, or in how many seconds to come back.
    fn count(&self, subject: &Subject) -> Option<Result<Left, Left>> {
        let (number, limiter) = self.limiter.as_ref()?;
        Some(match limiter.check_key(subject) {
            Ok(state) => {
                let requests = state.remaining_burst_capacity();
                let used = u64::from(number.get().saturating_sub(requests));
                let seconds = (used * WINDOW).div_ceil(u64::from(number.get()));
                Ok(Left { requests, seconds })
            }
            Err(early) => {
                let wait = early.wait_time_from(DefaultClock::default().now());
                Err(Left {
                    requests: 0,
                    seconds: up_to_seconds(wait),
                })
            }
        })
    }

    /// Where a request comes from: the other end of the connection, unless that is a proxy of
    /// ours; then the last address in `X-Forwarded-For` that is none. What stands before that the
    /// caller may have made up.
    fn address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let ours = |address: &IpAddr| self.proxies.iter().any(|network| network.contains(address));
        let mut address = peer?.to_canonical();
        let lines: Vec<_> = headers
            .get_all(header::X_FORWARDED_FOR)
            .filter_map(|line| line.to_str().ok())
            .collect();
        let mut before = lines.iter().flat_map(|line| line.split(',')).rev();
        while ours(&address) {
            match before.next().and_then(forwarded) {
                Some(next) => address = next,
                None => break,
            }
        }
        Some(address)
    }
}

/// An address of `X-Forwarded-For`, which some proxies write with a port or in brackets.
fn forwarded(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.trim_matches(['[', ']']).parse();
    address
        .or_else(|_| text.parse::<std::net::SocketAddr>().map(|both| both.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

/// The network whose addresses one subscriber has: one IPv4 address, or a /64 of IPv6.
fn network_of(address: IpAddr, v4: u8, v6: u8) -> IpNet {
    let length = if address.is_ipv4() { v4 } else { v6 };
    IpNet::new(address, length).map_or_else(|_| address.into(), |network| network.trunc())
}

fn up_to_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Finds out who asks, for the handlers, and lets the request in unless it is one too many.
///
/// What tells that the service lives, and its figures, are not counted: those who look after it
/// must see it most when it is busy.
///
/// # Errors
/// Only those of the layers inside, unchanged.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let counted = !["/health/live", "/health/ready", "/metrics"].contains(&request.path());
    let app = request.app_data::<web::Data<App>>().cloned();
    let Some(app) = app.filter(|_| counted) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = app.limits.address(peer, request.headers());
    let asking = asking(&app, request.headers()).await;
    let subject = match (&asking, address) {
        (Asking::Holder(caller), _) => caller.0.as_ref().map(|key| Subject::Key(key.id.clone())),
        (_, Some(address)) => Some(Subject::Network(network_of(address, 32, 64))),
        (_, None) => None,
    };
    if let Asking::Refused { reason, key } = &asking {
        // Of the address only the network: enough to see where it comes from, too little to
        // point at a person.
        let network = address.map_or_else(String::new, |address| {
            network_of(address, 24, 48).to_string()
        });
        let id = request.extensions().get::<RequestId>().cloned();
        log::warn!(
            reason = reason.word(), key = key.as_deref().unwrap_or("-"), network = network.as_str(),
            request = id.as_ref().map_or("-", |id| id.0.as_str());
            "a key was refused"
        );
    }
    let left = subject.and_then(|subject| app.limits.count(&subject));
    let mut response = if let Some(Err(left)) = &left {
        let mut response = Problem::new(&TOO_MANY_REQUESTS).error_response();
        let seconds = left.seconds.to_string();
        set(response.headers_mut(), header::RETRY_AFTER, &seconds);
        request.into_response(response)
    } else {
        request.extensions_mut().insert(asking);
        next.call(request).await?.map_into_boxed_body()
    };
    if let (Some(Ok(left) | Err(left)), Some((number, _))) = (&left, &app.limits.limiter) {
        let (headers, Left { requests, seconds }) = (response.headers_mut(), left);
        set(
            headers,
            LIMIT,
            &format!("\"minute\";r={requests};t={seconds}"),
        );
        set(
            headers,
            POLICY,
            &format!("\"minute\";q={number};w={WINDOW}"),
        );
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(proxies: &[&str], peer: &str, forwarded: &[&str]) -> Option<String> {
        let limits = Limits {
            limiter: None,
            proxies: proxies
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
        };
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(
                header::X_FORWARDED_FOR,
                HeaderValue::from_str(line).unwrap_or(HeaderValue::from_static("")),
            );
        }
        let address = limits.address(peer.parse().ok(), &headers);
        address.map(|address| address.to_string())
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let ours = ["10.0.0.0/8", "2001:db8::/32"];
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7, 10.1.1.1"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7", "10.1.1.1"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7:1234"], "198.51.100.7"),
            ("2001:db8::1", &["[2a00::7]:443"], "2a00::7"),
            ("10.0.0.1", &["2a00::7"], "2a00::7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
        ] {
            assert_eq!(
                address(&ours, peer, forwarded).as_deref(),
                Some(expected),
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn an_address_of_version_6_is_one_with_its_neighbours() {
        let network = |text: &str| {
            let address = text.parse().ok();
            address.map(|address| network_of(address, 32, 64).to_string())
        };
        assert_eq!(network("2a00::1:2:3").as_deref(), Some("2a00::/64"));
        assert_eq!(network("192.0.2.1").as_deref(), Some("192.0.2.1/32"));
    }
}
