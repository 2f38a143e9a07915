//! The handshake: a TCP connection, TLS where the address says so, and the upgrade with freshly signed headers.

use super::line::Line;
use crate::kalshi::network::Network;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, http};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<MaybeTlsStream<Line>>;

/// The largest frame taken. The exchange names no limit, and a deep book comes as one frame.
const LARGEST_FRAME: usize = 64 << 20;
/// Some sixty frames fit into one read. All of it is cleared for every read, so that a larger one would cost more
/// than the frame that comes alone.
const READ_BUFFER: usize = 16 << 10;
/// How much of the body of a refusal is kept.
const LONGEST_BODY: usize = 512;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum ConnectFault {
    /// The exchange answered the handshake with something else.
    Refused { status: u16, body: String },
    /// No answer to it, or none that makes sense.
    Failed(String),
}

/// Connects, or gives up after `patience`.
pub(super) async fn connect(
    address: Uri,
    headers: Vec<(&'static str, String)>,
    patience: Duration,
    network: Option<Arc<dyn Network>>,
) -> Result<Socket, ConnectFault> {
    let host = address.host().unwrap_or_default().to_owned();
    let port = address.port_u16().unwrap_or(if address.scheme_str() == Some("wss") { 443 } else { 80 });
    let mut request = address
        .into_client_request()
        .map_err(|error| ConnectFault::Failed(format!("no handshake can be made: {error}")))?;
    for (name, value) in headers {
        let (Ok(name), Ok(mut value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        else {
            return Err(ConnectFault::Failed(format!(
                "the header {name} can't be written: check the key id"
            )));
        };
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LARGEST_FRAME))
        .max_frame_size(Some(LARGEST_FRAME));
    let attempt = async {
        let line = Line::open(&host, port, network).await?;
        client_async_tls_with_config(request, line, Some(config), None).await
    };
    match timeout(patience, attempt).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(Error::Http(response))) => Err(refused(&response)),
        Ok(Err(error)) => Err(ConnectFault::Failed(format!("{host} cannot be reached: {error}"))),
        Err(_) => {
            let waited = patience.as_millis();
            Err(ConnectFault::Failed(format!("{host} did not answer the handshake within {waited} ms")))
        }
    }
}

fn refused(response: &http::Response<Option<Vec<u8>>>) -> ConnectFault {
    let body = response.body().as_deref().unwrap_or_default();
    let body = String::from_utf8_lossy(&body[..body.len().min(LONGEST_BODY)]).trim().to_owned();
    ConnectFault::Refused { status: response.status().as_u16(), body }
}
