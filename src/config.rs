//! The settings: one struct, read from flags over environment over file over defaults.

use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::api::openapi::{CONTACT, DEFAULT_PUBLIC_URL};
use crate::privacy::processing::Sink;
use crate::search::Place;
use crate::store::DatabaseUrl;

/// The settings as they are given: on the command line, in the environment, or in a TOML file
/// with the same names in small letters (`database_url`). Each source overrides the one after it.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A TOML file with settings.
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// The database: `sqlite://PATH` or `postgres://USER@HOST/NAME` [default: `sqlite://DATA_DIR/schakel.db`].
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// How many connections read at once, 1 to 100 [default: 4].
    #[arg(long, env = "DATABASE_CONNECTIONS", global = true)]
    pub database_connections: Option<String>,

    /// The address on which the service listens; port 0 picks a free one [default: 127.0.0.1:8080].
    #[arg(long, env = "LISTEN_ADDR", global = true)]
    pub listen_addr: Option<String>,

    /// The folder for the database file [default: data].
    #[arg(long, env = "DATA_DIR", global = true)]
    pub data_dir: Option<String>,

    /// The folder of the search index, or `memory`: it is then built anew at each start
    /// [default: `DATA_DIR/index`].
    #[arg(long, env = "SEARCH_INDEX", global = true)]
    pub search_index: Option<String>,

    /// How many bytes of memory to take to keep what was read and may be asked for again; 0 for none
    /// [default: 67108864].
    #[arg(long, env = "CACHE_BYTES", global = true)]
    pub cache_bytes: Option<String>,

    /// The address under which the world reaches the service, for links [default: the address on
    /// which it listens].
    #[arg(long, env = "PUBLIC_URL", global = true)]
    pub public_url: Option<String>,

    /// How many requests a key, or an address without one, may send in a minute, or `off`
    /// [default: 6000].
    #[arg(long, env = "RATE_LIMIT", global = true)]
    pub rate_limit: Option<String>,

    /// The proxies in front, whose `X-Forwarded-For` is believed: addresses or networks with
    /// commas between [default: none].
    #[arg(long, env = "TRUSTED_PROXIES", global = true)]
    pub trusted_proxies: Option<String>,

    /// The web pages that may write: origins with commas between, such as
    /// `https://beheer.example`. Reading is open to all [default: none].
    #[arg(long, env = "CORS_ORIGINS", global = true)]
    pub cors_origins: Option<String>,

    /// Who hears of a weakness in this installation, for security.txt: a `mailto:`, `tel:` or
    /// `https:` address [default: the team that makes Schakel].
    #[arg(long, env = "SECURITY_CONTACT", global = true)]
    pub security_contact: Option<String>,

    /// The licence under which the data is published, as an SPDX identifier: it stands in the export
    /// of the register [default: CC0-1.0].
    #[arg(long, env = "DATA_LICENCE", global = true)]
    pub data_licence: Option<String>,

    /// How log lines look: `text` or `json` [default: text].
    #[arg(long, env = "LOG_FORMAT", global = true)]
    pub log_format: Option<String>,

    /// Where it is noted what is done with personal data: a file, `-` for standard output, or
    /// `off` [default: off].
    #[arg(long, env = "PROCESSING_LOG", global = true)]
    pub processing_log: Option<String>,

    /// The address below which the processing activities of the AVG register lie, for that log
    /// [default: `PUBLIC_URL`/processing-activities].
    #[arg(long, env = "PROCESSING_ACTIVITIES", global = true)]
    pub processing_activities: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: an object a line.
    Json,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database_url: DatabaseUrl,
    /// How many connections read at once.
    pub database_connections: u32,
    /// Where the search index is kept.
    pub index: Place,
    /// The folder for what does not fit into memory.
    pub data_dir: PathBuf,
    /// How many bytes of memory to take to keep what was read.
    pub cache_bytes: usize,
    /// The address on which the service listens.
    pub listen_addr: SocketAddr,
    /// The address under which the world reaches the service, without a slash at the end.
    pub public_url: String,
    /// Whether `public_url` was configured.
    pub has_public_url: bool,
    /// How many requests a key or an address may send in a minute; `None` for any number.
    pub rate_limit: Option<NonZeroU32>,
    /// The proxies in front.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins of the web pages that may write.
    pub cors_origins: Vec<String>,
    /// Who hears of a weakness.
    pub security_contact: String,
    /// The licence of the data.
    pub data_licence: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Where it is noted what is done with personal data.
    pub processing_log: Sink,
    /// The address below which the processing activities lie, when it was configured.
    pub processing_activities: Option<String>,
}

/// A setting that cannot be used: a sentence that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting(pub String);

impl std::fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidSetting {}

impl Config {
    /// The folder for what does not fit into memory. It is made when it is first needed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(&self.data_dir)?;
        Ok(self.data_dir.clone())
    }
}

impl Settings {
    /// Completes the settings from the file and the defaults, and checks them.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn resolve(self) -> Result<Config, InvalidSetting> {
        let file = match &self.config {
            Some(path) => read_file(path)?,
            None => Self::default(),
        };
        let data_dir = self.data_dir.or(file.data_dir);
        let data_dir = folder(data_dir.as_deref().unwrap_or("data"))?;
        let database_url = self
            .database_url
            .or(file.database_url)
            .unwrap_or_else(|| format!("sqlite://{}", data_dir.join("schakel.db").display()));
        let index = self.search_index.or(file.search_index);
        let cache_bytes = self.cache_bytes.or(file.cache_bytes);
        let connections = self.database_connections.or(file.database_connections);
        let listen_addr = self.listen_addr.or(file.listen_addr);
        let public_url = self.public_url.or(file.public_url);
        let rate_limit = self.rate_limit.or(file.rate_limit);
        let proxies = self.trusted_proxies.or(file.trusted_proxies);
        let origins = self.cors_origins.or(file.cors_origins);
        let contact = self.security_contact.or(file.security_contact);
        let licence = self.data_licence.or(file.data_licence);
        let log_format = self.log_format.or(file.log_format);
        let processing = self.processing_log.or(file.processing_log);
        let activities = self.processing_activities.or(file.processing_activities);
        Ok(Config {
            // The URL may hold a password, so it is not repeated here.
            database_url: database_url
                .parse()
                .map_err(|error| InvalidSetting(format!("DATABASE_URL is wrong: {error}")))?,
            database_connections: number(connections.as_deref().unwrap_or("4"))?,
            index: index_place(index.as_deref(), &data_dir)?,
            data_dir,
            cache_bytes: bytes(cache_bytes.as_deref().unwrap_or("67108864"))?,
            listen_addr: address(listen_addr.as_deref().unwrap_or("127.0.0.1:8080"))?,
            has_public_url: public_url.is_some(),
            public_url: public_url
                .as_deref()
                .map(web_address)
                .transpose()?
                .unwrap_or_default(),
            rate_limit: limit(rate_limit.as_deref().unwrap_or("6000"))?,
            trusted_proxies: list(proxies.as_deref(), network)?,
            cors_origins: list(origins.as_deref(), origin)?,
            security_contact: contact.map_or_else(
                || Ok(format!("mailto:{CONTACT}")),
                |text| security_contact(&text),
            )?,
            data_licence: data_licence(licence.as_deref().unwrap_or("CC0-1.0"))?,
            log_format: format_of_log(log_format.as_deref().unwrap_or("text"))?,
            processing_log: processing_log(processing.as_deref().unwrap_or("off"))?,
            processing_activities: activities.as_deref().map(activities_address).transpose()?,
        })
    }
}

impl Config {
    /// The address for the API document: an absolute one with HTTPS unless configured otherwise.
    pub fn documented_url(&self) -> &str {
        if self.has_public_url {
            &self.public_url
        } else {
            DEFAULT_PUBLIC_URL
        }
    }

    /// The address below which the processing activities lie, without a slash at the end.
    pub fn activities(&self) -> String {
        let of_the_service = || {
            let known = Some(self.public_url.as_str()).filter(|url| !url.is_empty());
            format!(
                "{}/processing-activities",
                known.unwrap_or(DEFAULT_PUBLIC_URL)
            )
        };
        self.processing_activities
            .clone()
            .unwrap_or_else(of_the_service)
    }
}

fn read_file(path: &Path) -> Result<Settings, InvalidSetting> {
    let wrong = |error: &dyn std::fmt::Display| {
        InvalidSetting(format!(
            "the settings file {} is wrong: {error}",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    toml::from_str(&text).map_err(|error| wrong(&error))
}

/// A sentence that names the setting, what it is, and what it should be.
fn wrong(name: &str, text: &str, expected: &str) -> InvalidSetting {
    InvalidSetting(format!("{name} is '{text}': expected {expected}"))
}

fn folder(text: &str) -> Result<PathBuf, InvalidSetting> {
    if text.trim().is_empty() {
        return Err(wrong("DATA_DIR", text, "a folder, such as data"));
    }
    Ok(text.into())
}

fn index_place(text: Option<&str>, data_dir: &Path) -> Result<Place, InvalidSetting> {
    match text {
        None => Ok(Place::Folder(data_dir.join("index"))),
        Some("memory") => Ok(Place::Memory),
        Some(path) if path.trim().is_empty() => {
            Err(wrong("SEARCH_INDEX", path, "a folder, or memory"))
        }
        Some(path) => Ok(Place::Folder(path.into())),
    }
}

fn number(text: &str) -> Result<u32, InvalidSetting> {
    match text.parse() {
        Ok(number @ 1..=100) => Ok(number),
        _ => Err(wrong(
            "DATABASE_CONNECTIONS",
            text,
            "a number from 1 to 100",
        )),
    }
}

fn bytes(text: &str) -> Result<usize, InvalidSetting> {
    let expected = "a number of bytes, such as 67108864, or 0";
    text.parse()
        .map_err(|_| wrong("CACHE_BYTES", text, expected))
}

fn limit(text: &str) -> Result<Option<NonZeroU32>, InvalidSetting> {
    if text == "off" {
        return Ok(None);
    }
    let expected = "a number of requests in a minute, such as 6000, or off";
    let number = text.parse();
    number
        .map(Some)
        .map_err(|_| wrong("RATE_LIMIT", text, expected))
}

/// The parts of a list, each read by itself.
fn list<T>(
    text: Option<&str>,
    read: fn(&str) -> Result<T, InvalidSetting>,
) -> Result<Vec<T>, InvalidSetting> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(read).collect()
}

fn network(text: &str) -> Result<IpNet, InvalidSetting> {
    let address = || text.parse().map(|address: std::net::IpAddr| address.into());
    let expected = "addresses or networks with commas between, such as 10.0.0.0/8";
    text.parse()
        .or_else(|_| address())
        .map_err(|_| wrong("TRUSTED_PROXIES", text, expected))
}

/// An origin in the form in which browsers send it (RFC 6454, section 6.2).
fn origin(text: &str) -> Result<String, InvalidSetting> {
    let origin = Url::parse(text).map(|url| url.origin().ascii_serialization());
    match origin {
        Ok(origin) if origin == text && text != "null" => Ok(origin),
        _ => Err(wrong(
            "CORS_ORIGINS",
            text,
            "origins without path or slash at the end, such as https://beheer.example",
        )),
    }
}

/// A contact as RFC 9116, section 2.5.3 has it.
fn security_contact(text: &str) -> Result<String, InvalidSetting> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "mailto" | "tel" | "https") => Ok(url.into()),
        _ => Err(wrong(
            "SECURITY_CONTACT",
            text,
            "mailto:ADDRESS, tel:NUMBER or https://PAGE",
        )),
    }
}

/// A name as SPDX has them: letters, digits, points, hyphens and pluses.
fn data_licence(text: &str) -> Result<String, InvalidSetting> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".-+".contains(letter);
    if text.is_empty() || text.len() > 100 || !text.chars().all(is_part) {
        return Err(wrong(
            "DATA_LICENCE",
            text,
            "an SPDX identifier, such as CC0-1.0 or CC-BY-4.0",
        ));
    }
    Ok(text.to_owned())
}

fn format_of_log(text: &str) -> Result<LogFormat, InvalidSetting> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(wrong("LOG_FORMAT", text, "text or json")),
    }
}

fn processing_log(text: &str) -> Result<Sink, InvalidSetting> {
    match text {
        "off" => Ok(Sink::Off),
        "-" => Ok(Sink::Stdout),
        path if path.trim().is_empty() => Err(wrong(
            "PROCESSING_LOG",
            text,
            "a file, - for standard output, or off",
        )),
        path => Ok(Sink::File(path.into())),
    }
}

/// A processing activity is named by a URI; the standard asks no more of it.
fn activities_address(text: &str) -> Result<String, InvalidSetting> {
    match Url::parse(text) {
        Ok(_) => Ok(text.trim_end_matches('/').to_owned()),
        Err(_) => Err(wrong(
            "PROCESSING_ACTIVITIES",
            text,
            "an address, such as https://avg.example/activities",
        )),
    }
}

fn address(text: &str) -> Result<SocketAddr, InvalidSetting> {
    let mut addresses = text.to_socket_addrs().ok().into_iter().flatten();
    addresses
        .next()
        .ok_or_else(|| wrong("LISTEN_ADDR", text, "HOST:PORT, such as 127.0.0.1:8080"))
}

fn web_address(text: &str) -> Result<String, InvalidSetting> {
    let expected = "http(s)://HOST without query, such as https://schakel.example";
    let plain = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.has_host();
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && plain(&url) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(wrong("PUBLIC_URL", text, expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named_with_the_remedy() {
        let mut wrong = [(); 15].map(|()| Settings::default());
        wrong[0].database_url = Some("mysql://x".into());
        wrong[1].database_connections = Some("0".into());
        wrong[2].listen_addr = Some("nowhere".into());
        wrong[3].public_url = Some("schakel".into());
        wrong[4].rate_limit = Some("0".into());
        wrong[5].trusted_proxies = Some("10.0.0.0/8, proxy".into());
        wrong[6].cors_origins = Some("https://beheer.example/".into());
        wrong[7].security_contact = Some("someone".into());
        wrong[8].log_format = Some("xml".into());
        wrong[9].data_dir = Some(String::new());
        wrong[10].processing_log = Some(" ".into());
        wrong[11].processing_activities = Some("activities".into());
        wrong[12].search_index = Some(" ".into());
        wrong[13].cache_bytes = Some("64M".into());
        wrong[14].data_licence = Some("eigen licentie".into());
        let names = [
            "DATABASE_URL",
            "DATABASE_CONNECTIONS",
            "LISTEN_ADDR",
            "PUBLIC_URL",
            "RATE_LIMIT",
            "TRUSTED_PROXIES",
            "CORS_ORIGINS",
            "SECURITY_CONTACT",
            "LOG_FORMAT",
            "DATA_DIR",
            "PROCESSING_LOG",
            "PROCESSING_ACTIVITIES",
            "SEARCH_INDEX",
            "CACHE_BYTES",
            "DATA_LICENCE",
        ];
        for (settings, name) in wrong.into_iter().zip(names) {
            let error = settings.resolve().err();
            let error = error.map(|error| error.0).unwrap_or_default();
            assert!(
                error.starts_with(name) && error.contains("expected"),
                "{error}"
            );
        }
    }

    #[test]
    fn lists_are_read_with_spaces_and_single_addresses() {
        let settings = Settings {
            trusted_proxies: Some("10.0.0.0/8, 2001:db8::1,192.0.2.7".into()),
            cors_origins: Some("https://a.example, http://localhost:5173,".into()),
            ..Settings::default()
        };
        let config = settings.resolve().ok();
        let networks: Vec<_> = config
            .iter()
            .flat_map(|config| &config.trusted_proxies)
            .map(ToString::to_string)
            .collect();
        assert_eq!(networks, ["10.0.0.0/8", "2001:db8::1/128", "192.0.2.7/32"]);
        let origins = config.map(|config| config.cors_origins).unwrap_or_default();
        assert_eq!(origins, ["https://a.example", "http://localhost:5173"]);
    }

    #[test]
    fn the_database_lies_in_the_data_folder_unless_said_otherwise() {
        let settings = Settings {
            data_dir: Some("/srv/x".into()),
            ..Settings::default()
        };
        let url = settings.resolve().map(|config| config.database_url);
        assert_eq!(url, Ok(DatabaseUrl::Sqlite("/srv/x/schakel.db".into())));
    }
}
