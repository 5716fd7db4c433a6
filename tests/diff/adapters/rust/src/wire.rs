//! A connection in memory.

use anytls_rs::session::Session;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose input is a list of pieces, and which keeps what is written, write by write.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<Ends>>);

#[derive(Default)]
pub struct Ends {
    pieces: std::collections::VecDeque<Vec<u8>>,
    writes: Vec<Vec<u8>>,
    idle: bool, // all was read, and more is waited for
    ended: bool,
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let mut ends = self.0.lock().unwrap();
        let Some(mut piece) = ends.pieces.pop_front() else {
            if ends.ended {
                return Poll::Ready(Ok(()));
            }
            ends.idle = true;
            context.waker().wake_by_ref(); // asked again: a session begins to read before it is fed
            return Poll::Pending;
        };
        ends.idle = false;
        let rest = piece.split_off(piece.len().min(out.remaining()));
        out.put_slice(&piece);
        if !rest.is_empty() {
            ends.pieces.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.0.lock().unwrap().writes.push(bytes.to_vec());
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Wire {
    pub fn feed(&self, bytes: &[u8], cuts: &[usize]) {
        let mut done = 0;
        let mut ends = self.0.lock().unwrap();
        for end in cuts.iter().copied().chain([bytes.len()]) {
            if end > done {
                ends.pieces.push_back(bytes[done..end].to_vec());
                done = end;
            }
        }
        ends.idle = false;
    }

    /// Waits until all was read and dealt with.
    pub async fn settle(&self, session: &Session) {
        for _ in 0..100_000 {
            if session.is_closed() || self.0.lock().unwrap().idle {
                break;
            }
            tokio::task::yield_now().await;
        }
        for _ in 0..64 {
            tokio::task::yield_now().await; // for what the crate does in tasks of its own
        }
    }

    pub fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.0.lock().unwrap().writes)
    }

    pub fn end(&self) {
        self.0.lock().unwrap().ended = true;
    }
}
