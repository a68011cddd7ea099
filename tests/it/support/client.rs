//! A small HTTP client: requests are built in one line, replies check themselves.

use std::time::Duration;

use serde_json::Value;
use ureq::http::{self, HeaderMap, Method};

/// Speaks to one server, from any thread; a clone shares the connections.
///
/// It follows no redirect, stores no cookie, and takes a 4xx or 5xx as a reply like any other.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    pub(super) base: String,
}

impl Client {
    /// `base` is `http://HOST:PORT`.
    pub(crate) fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .max_idle_connections_per_host(32)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            agent: config.build().into(),
            base: base.to_owned(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Request<'_> {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request<'_> {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request<'_> {
        self.request(Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Request<'_> {
        self.request(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request<'_> {
        self.request(Method::DELETE, path)
    }

    pub(crate) fn head(&self, path: &str) -> Request<'_> {
        self.request(Method::HEAD, path)
    }

    pub(crate) fn options(&self, path: &str) -> Request<'_> {
        self.request(Method::OPTIONS, path)
    }

    /// The address of something outside `/api/v1`, such as `/health/live`, for [`Client::get`].
    pub(crate) fn outside(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The host and port, for a test that speaks to it by itself.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// A path is relative to `/api/v1`. Of a whole URL, such as a `next` or a `Location`, only path
    /// and query count: which public address the server gives itself is a setting.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request<'_> {
        let url = match path.split_once("://") {
            None => format!("{}/api/v1{path}", self.base),
            Some((_, rest)) => {
                let path = rest.find('/').map_or("/", |start| &rest[start..]);
                format!("{}{path}", self.base)
            }
        };
        Request {
            agent: &self.agent,
            parts: http::Request::builder().method(method).uri(url),
            body: None,
        }
    }
}

/// A request that is being put together; [`Request::send`] ends it.
pub(crate) struct Request<'a> {
    agent: &'a ureq::Agent,
    parts: http::request::Builder,
    body: Option<Vec<u8>>,
}

impl Request<'_> {
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.parts = self.parts.header(name, value);
        self
    }

    /// A JSON body with the media type that the method asks for.
    pub(crate) fn json(self, body: &Value) -> Self {
        let patch = self.parts.method_ref() == Some(&Method::PATCH);
        let media = if patch {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        self.header("content-type", media)
            .bytes(body.to_string().as_bytes())
    }

    /// Any body; its media type is the test's to say, or to leave out.
    pub(crate) fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    /// Sends, and expects an answer, whatever its status.
    #[track_caller]
    pub(crate) fn send(self) -> Reply {
        match self.try_send() {
            Ok(reply) => reply,
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Sends; an error means that no whole answer came.
    pub(crate) fn try_send(self) -> Result<Reply, ureq::Error> {
        let request = format!(
            "{:?} {:?}",
            self.parts.method_ref(),
            self.parts.uri_ref().map(ToString::to_string)
        );
        let response = match self.body {
            Some(body) => self.agent.run(self.parts.body(body)?)?,
            None => self.agent.run(self.parts.body(())?)?,
        };
        let (head, mut body) = response.into_parts();
        Ok(Reply {
            request,
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.with_config().limit(u64::MAX).read_to_vec()?,
        })
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(super) request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of a header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("no JSON ({error}): {self}"),
        }
    }

    /// Checks the status and gives the reply on.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "another status than expected: {self}");
        self
    }

    /// Checks that this is a problem whose `type` ends in `/kind` or `#kind`, and gives its members.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "another status than expected: {self}");
        match self.as_problem() {
            Ok((name, problem)) => {
                assert_eq!(name, kind, "another type of problem: {self}");
                problem
            }
            Err(lacking) => panic!("{lacking}: {self}"),
        }
    }

    /// The last part of the `type` and all members, if this is a problem as RFC 9457 and api.md
    /// describe it; otherwise what it lacks.
    pub(crate) fn as_problem(&self) -> Result<(String, Value), &'static str> {
        let media = self.header("content-type").unwrap_or_default();
        if !media.starts_with("application/problem+json") {
            return Err("no problem");
        }
        let problem: Value = serde_json::from_slice(&self.body).map_err(|_| "no JSON")?;
        let text = |member: &str| problem[member].as_str().unwrap_or_default();
        let kind = text("type").rsplit(['/', '#']).next().unwrap_or_default();
        for (holds, lacking) in [
            (!kind.is_empty(), "no type"),
            (problem["status"] == self.status, "two different statuses"),
            (!text("title").is_empty(), "no title"),
            (!text("detail").is_empty(), "no detail"),
            (text("instance").starts_with("urn:"), "no instance"),
        ] {
            if !holds {
                return Err(lacking);
            }
        }
        Ok((kind.to_owned(), problem))
    }
}

/// For messages of failed assertions: what was asked and what came.
impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            request, status, ..
        } = self;
        write!(f, "{request} -> {status}\n{}", self.text())
    }
}
