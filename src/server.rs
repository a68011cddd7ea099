//! The HTTP server: binding, the outermost layer, a stop in order.

use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as Application, HttpServer};
use tokio::signal::unix::{SignalKind, signal};

use crate::api;
use crate::api::outermost::outermost;
use crate::app::App;

/// How long requests that are under way may take to end after SIGTERM, in seconds.
const GRACE: u64 = 30;

/// How long a caller may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until it is told to stop. `ready` gets the address once requests are answered.
///
/// # Errors
/// When the address cannot be bound, or the server fails.
pub async fn run(mut app: App, ready: impl FnOnce(&str)) -> std::io::Result<()> {
    let listener = std::net::TcpListener::bind(app.config.listen_addr)?;
    let address = format!("http://{}", listener.local_addr()?);
    if !app.config.has_public_url {
        app.config.public_url.clone_from(&address);
    }
    let app = Data::new(app);
    let server = HttpServer::new(move || {
        Application::new()
            .app_data(app.clone())
            .wrap(from_fn(outermost))
            .configure(api::configure)
    })
    .client_request_timeout(HEADER_TIMEOUT)
    .shutdown_timeout(GRACE)
    // The framework would listen for signals only once it runs: a SIGTERM right after the line
    // that says the service is ready would kill it.
    .disable_signals()
    .listen(listener)?
    .run();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        log::info!("stopping; requests under way may take {GRACE} seconds");
        handle.stop(true).await;
    });
    ready(&address);
    server.await
}
