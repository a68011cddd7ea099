//! The settings: one struct, read from flags over environment over file over defaults.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::api::openapi::DEFAULT_PUBLIC_URL;
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
    pub data_dir: Option<PathBuf>,

    /// The address under which the world reaches the service, for links [default: the address on
    /// which it listens].
    #[arg(long, env = "PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database_url: DatabaseUrl,
    /// How many connections read at once.
    pub database_connections: u32,
    /// The address on which the service listens.
    pub listen_addr: SocketAddr,
    /// The address under which the world reaches the service, without a slash at the end.
    pub public_url: String,
    /// Whether `public_url` was configured.
    pub has_public_url: bool,
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
        let data_dir = self
            .data_dir
            .or(file.data_dir)
            .unwrap_or_else(|| PathBuf::from("data"));
        let database_url = self
            .database_url
            .or(file.database_url)
            .unwrap_or_else(|| format!("sqlite://{}", data_dir.join("schakel.db").display()));
        let connections = self.database_connections.or(file.database_connections);
        let listen_addr = self.listen_addr.or(file.listen_addr);
        let public_url = self.public_url.or(file.public_url);
        Ok(Config {
            // The URL may hold a password, so it is not repeated here.
            database_url: database_url
                .parse()
                .map_err(|error| InvalidSetting(format!("DATABASE_URL is wrong: {error}")))?,
            database_connections: number(connections.as_deref())?,
            listen_addr: address(listen_addr.as_deref().unwrap_or("127.0.0.1:8080"))?,
            has_public_url: public_url.is_some(),
            public_url: public_url
                .as_deref()
                .map(web_address)
                .transpose()?
                .unwrap_or_default(),
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

fn number(text: Option<&str>) -> Result<u32, InvalidSetting> {
    match text.unwrap_or("4").parse() {
        Ok(number @ 1..=100) => Ok(number),
        _ => Err(InvalidSetting(format!(
            "DATABASE_CONNECTIONS is '{}': expected a number from 1 to 100",
            text.unwrap_or_default()
        ))),
    }
}

fn address(text: &str) -> Result<SocketAddr, InvalidSetting> {
    let mut addresses = text.to_socket_addrs().ok().into_iter().flatten();
    addresses.next().ok_or_else(|| {
        InvalidSetting(format!(
            "LISTEN_ADDR is '{text}': expected HOST:PORT, such as 127.0.0.1:8080"
        ))
    })
}

fn web_address(text: &str) -> Result<String, InvalidSetting> {
    let wrong = || {
        InvalidSetting(format!(
            "PUBLIC_URL is '{text}': expected http(s)://HOST without query, such as https://schakel.example"
        ))
    };
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.has_host();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named_with_the_remedy() {
        for (settings, name) in [
            (
                Settings {
                    database_url: Some("mysql://x".into()),
                    ..Settings::default()
                },
                "DATABASE_URL",
            ),
            (
                Settings {
                    listen_addr: Some("nowhere".into()),
                    ..Settings::default()
                },
                "LISTEN_ADDR",
            ),
            (
                Settings {
                    public_url: Some("schakel".into()),
                    ..Settings::default()
                },
                "PUBLIC_URL",
            ),
            (
                Settings {
                    database_connections: Some("0".into()),
                    ..Settings::default()
                },
                "DATABASE_CONNECTIONS",
            ),
        ] {
            let error = settings
                .resolve()
                .err()
                .map(|error| error.0)
                .unwrap_or_default();
            assert!(
                error.starts_with(name) && error.contains("expected"),
                "{error}"
            );
        }
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
