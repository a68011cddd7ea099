//! Figures for those who run the service, in the text format of Prometheus.
//!
//! Requests are counted by the template of their route, never by their address: that could hold
//! anything, and its number has no bound.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::problem::Problem;
use super::query::{NoParameters, Query};
use crate::app::App;
use crate::changes;
use crate::register::Error;

/// The upper bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Lane {
    lane: &'static str,
}

/// The figures of one process.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    position: Gauge,
    indexed: Gauge,
    free: Family<Lane, Gauge>,
    open: Family<Lane, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("schakel");
        let requests = Family::default();
        let durations: Family<Route, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let (position, indexed) = (Gauge::default(), Gauge::default());
        let (free, open) = (Family::default(), Family::default());
        registry.register("requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from the headers of a request to those of its answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "changes_position",
            "Last position of the change log",
            position.clone(),
        );
        registry.register(
            "search_position",
            "Last position of the change log that can be found; -1 before there is an index",
            indexed.clone(),
        );
        registry.register(
            "database_turns_free",
            "Connections that nobody uses or waits for",
            free.clone(),
        );
        registry.register(
            "database_connections",
            "Connections that are open",
            open.clone(),
        );
        Self {
            registry: Arc::new(registry),
            requests,
            durations,
            position,
            indexed,
            free,
            open,
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn count(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let labels = Request {
            method: method.clone(),
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
        self.durations
            .get_or_create(&Route { method, route })
            .observe(seconds);
    }
}

/// Answers with the figures.
///
/// # Errors
/// When the database cannot be asked for its position.
pub async fn show(app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let metrics = &app.metrics;
    metrics
        .position
        .set(app.store.read(changes::position).await?);
    app.metrics.indexed.set(app.search.position());
    for lane in app.store.lanes() {
        let label = Lane { lane: lane.name };
        metrics.free.get_or_create(&label).set(lane.free);
        metrics.open.get_or_create(&label).set(lane.open);
    }
    let mut text = String::new();
    encode(&mut text, &metrics.registry)
        .map_err(|error| Error::Internal(format!("the figures: {error}")))?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
