//! A mail server that speaks TLS from the first byte.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::thread;

use innkeeper::greetings::State;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{house, invite, plan, somebody, states, wait};
use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both_empty;
use crate::support::smtp::Smtp;
use crate::support::world::HEX_KEY;

on_both_empty!(a_letter_goes_over_tls_to_a_server_that_is_trusted_and_to_no_other);

/// Opens what comes, and passes it on; its threads end with the test's process. The certificate is for `localhost`.
fn seal(server: &Smtp) -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let behind = server.address;
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Who does not trust us hangs up.
                    let Ok(mut sealed) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut plain = TcpStream::connect(behind).await.unwrap();
                    drop(tokio::io::copy_bidirectional(&mut sealed, &mut plain).await);
                });
            }
        });
    });
    (address, made.cert.pem())
}

fn greet(app: &TestApp, folder: &Path, address: SocketAddr, trusted: &Path) -> Output {
    let url = app.world.url_text();
    let mut command = innkeeper(
        folder,
        &["--database-url", &url, "greet", "--date", "2026-05-02"],
    );
    command
        .env("SMTP_URL", format!("smtps://localhost:{}", address.port()))
        .env("INNKEEPER_MAIL_FROM", "hello@hotel.example")
        .env("INNKEEPER_BASE_URL", "https://hotel.example")
        .env("INNKEEPER_SECRET_KEY", HEX_KEY)
        .env("SSL_CERT_FILE", trusted)
        .env_remove("SSL_CERT_DIR");
    finish(command, "")
}

async fn a_letter_goes_over_tls_to_a_server_that_is_trusted_and_to_no_other(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    plan(&app);
    let server = Smtp::start();
    let (address, pem) = seal(&server);
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (
        folder.path().join("ours.pem"),
        folder.path().join("others.pem"),
    );
    std::fs::write(&ours, pem).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&others, other.cert.pem()).unwrap();
    let refused = greet(&app, folder.path(), address, &others);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("0 sent, 1 put off"), "{said}");
    assert_eq!(states(&app), [State::Deferred]);
    wait(&app);
    let sent = greet(&app, folder.path(), address, &ours);
    let said = String::from_utf8_lossy(&sent.stdout).into_owned();
    assert!(said.contains("1 sent"), "{said}");
    assert_eq!(server.taken().len(), 1);
}
