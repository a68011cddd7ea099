//! What handlers share.

use crate::api::admission::Limits;
use crate::api::metrics::Metrics;
use crate::api::openapi;
use crate::config::Config;
use crate::privacy::processing::{ProcessingLog, Sink};
use crate::register::{Error, Result};
use crate::search::Search;
use crate::store::Store;

/// The application: its settings, its database, and what is made once at the start.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The secret that makes cursors tamper-evident; the same on all nodes.
    pub cursor_secret: Vec<u8>,
    /// Where it is noted what is done with personal data.
    pub processing: ProcessingLog,
    /// The search index of this node.
    pub search: Search,
    /// The figures of this process.
    pub metrics: Metrics,
    /// How much one caller may ask.
    pub limits: Limits,
    /// The API document as JSON.
    pub openapi_json: String,
    /// The API document as YAML.
    pub openapi_yaml: String,
}

impl App {
    /// Puts the application together. The database must have been migrated.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn new(config: Config, store: Store) -> Result<Self> {
        let cursor_secret =
            store.housekeeping_now(|db| crate::keys::shared_secret(db, "cursor"))?;
        let processing = processing_log(&config, &store)?;
        store.seen(store.read_now(crate::changes::position)?);
        let search = Search::start(store.clone(), config.index.clone(), config.cache_bytes)?;
        let contract = openapi::document(&crate::api::endpoints(), config.documented_url());
        let openapi_json = serde_json::to_string_pretty(&contract)?;
        let openapi_yaml = yaml_serde::to_string(&contract)
            .map_err(|error| Error::Internal(format!("the API document as YAML: {error}")))?;
        Ok(Self {
            limits: Limits::new(&config),
            config,
            store,
            search,
            cursor_secret,
            processing,
            metrics: Metrics::default(),
            openapi_json,
            openapi_yaml,
        })
    }
}

/// The processing log of the settings. Its secret is made when it is first needed.
///
/// # Errors
/// When the database cannot be asked.
pub fn processing_log(config: &Config, store: &Store) -> Result<ProcessingLog> {
    let secret = match config.processing_log {
        Sink::Off => Vec::new(),
        _ => store.housekeeping_now(|db| crate::keys::shared_secret(db, "data-subjects"))?,
    };
    Ok(ProcessingLog::new(config.processing_log.clone(), secret))
}
