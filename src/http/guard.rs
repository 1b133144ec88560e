//! What stands before every handler: the host, the origin, and the headers of the answer.

use std::rc::Rc;

use actix_web::{
    Error, ResponseError as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::{Next, from_fn},
};

use super::{
    error::ApiError,
    host::{self, Hosts, Origin},
};

/// No source but the hub itself, nothing inline, nothing to embed or to be embedded in.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Where the page may connect to.
const OWN_CONNECTIONS: &str = "connect-src 'self'";

/// The page records and does nothing else with the device.
const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), \
    microphone=(self), payment=(), usb=()";

/// On every answer that does not bring its own. There is no `Strict-Transport-Security`: a browser that once stored it
/// removes the way past a changed certificate, and a hub's certificate does change.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (header::PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS_POLICY)),
];

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Returns the middleware that lets only requests through which are for this hub.
pub(super) fn guard<S, B>(
    hosts: Hosts,
) -> impl actix_web::dev::Transform<
    S,
    ServiceRequest,
    Response = ServiceResponse<BoxBody>,
    Error = Error,
    InitError = (),
>
where
    S: actix_web::dev::Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>
        + 'static,
    B: MessageBody + 'static,
{
    let hosts = Rc::new(hosts);
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let hosts = Rc::clone(&hosts);
        async move {
            let path = request.match_info().as_str();
            let is_private = is_api(path) || path == "/open";
            let mut answer = match admit(&request, &hosts) {
                Ok(()) => next.call(request).await?.map_into_boxed_body(),
                Err(refusal) => request.into_response(refusal.error_response()),
            };
            for (name, value) in HEADERS {
                if !answer.headers().contains_key(&name) {
                    answer.headers_mut().insert(name, value);
                }
            }
            if is_private || answer.status().is_client_error() {
                answer.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
            }
            // Never the whole path: the query of `/open` is the key to the house.
            tracing::debug!(
                request.method = %answer.request().method(),
                request.route = answer.request().match_pattern().as_deref(),
                response.status = answer.status().as_u16(),
                "answered"
            );
            Ok(answer)
        }
    })
}

/// Returns the policy of the page's document, whose script asks these addresses of the hub, too, whether
/// they are trusted.
///
/// An IPv6 address cannot stand in a policy, and is left out.
pub(super) fn document_policy(places: &[String]) -> String {
    let mut sources = OWN_CONNECTIONS.to_owned();
    for place in places.iter().filter(|place| is_source(place)) {
        sources.push(' ');
        sources.push_str(place);
    }
    CONTENT_SECURITY_POLICY.replacen(OWN_CONNECTIONS, &sources, 1)
}

/// Returns whether an address can stand in a policy, and is nothing else there.
fn is_source(place: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    place
        .strip_prefix("https://")
        .is_some_and(|host| !host.is_empty() && host.chars().all(is_plain))
}

/// Returns whether a path, decoded as the routes see it, belongs to the API rather than to the page.
pub(super) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

fn admit(request: &ServiceRequest, hosts: &Hosts) -> Result<(), ApiError> {
    let Some(own) = hosts.own(request.head()) else { return Err(ApiError::WrongHost) };
    let is_write = request.method() != Method::GET && request.method() != Method::HEAD;
    match host::origin(request.headers(), own) {
        Origin::Own => Ok(()),
        // A person can type an address, never a write.
        Origin::Person | Origin::Unknown if !is_write => Ok(()),
        // A link on another site may lead to the page, never into the API.
        Origin::Foreign if !is_write && !is_api(request.match_info().as_str()) => Ok(()),
        Origin::Person | Origin::Unknown | Origin::Foreign => Err(ApiError::CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_may_ask_the_hub_at_its_other_addresses_and_nobody_else() {
        let places = [
            "https://hutch.local",
            "https://192.168.1.20:8443",
            "https://[fd00::1]:8443",
            "http://192.168.1.20",
            "https://",
            "https://a; script-src *",
            "*",
        ];

        let policy = document_policy(&places.map(str::to_owned));

        assert!(
            policy.contains("; connect-src 'self' https://hutch.local https://192.168.1.20:8443; ")
        );
        assert_eq!(policy.matches("https://").count(), 2);
        assert_eq!(document_policy(&[]), CONTENT_SECURITY_POLICY);
    }
}
