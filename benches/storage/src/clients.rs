//! The three clients, each as its documents advise, with the same part size and concurrency.

mod anyvendor;
mod official;
mod store;

use std::future::Future;

pub(crate) use self::{anyvendor::Anyvendor, official::Official, store::Store};

/// A client that is measured.
pub(crate) trait Client: Sync {
    /// Writes a stream of `length` bytes in parts.
    fn put_stream(&self, key: &str, length: usize) -> impl Future<Output = ()> + Send;
    /// Reads an object as a stream and says how many bytes came.
    fn get_stream(&self, key: &str) -> impl Future<Output = usize> + Send;
    /// Writes bytes that are in memory.
    fn put(&self, key: &str, body: bytes::Bytes) -> impl Future<Output = ()> + Send;
}

/// The bytes that a stream is made of.
pub(crate) static PIECE: [u8; 64 * 1024] = [0; 64 * 1024];
