//! The private key that signs requests.

/// Why a key can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read.
    #[error("{path} can't be read: {cause}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        cause: String,
    },
}
