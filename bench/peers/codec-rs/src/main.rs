//! codec-rs says what a frame costs in the crate anytls-rs: its FrameCodec, which encodes into a
//! buffer that is used again, and decodes from a buffer that holds many frames (laying them there
//! is not timed). It prints lines: encode or decode, the payload's size, nanoseconds a frame.

use anytls_rs::protocol::{Command, Frame, FrameCodec};
use bytes::{Bytes, BytesMut};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tokio_util::codec::{Decoder, Encoder};

const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_millis(20);
const BATCH: usize = 64;
/// Source and destination at nearly the same place in their pages are copied many times slower by
/// some processors: that would measure the allocator.
const APART: usize = 1024;

fn frame(data: &Bytes) -> Frame {
    Frame::with_data(Command::Push, 1, data.clone())
}

fn encode_batch(data: &Bytes, out: &mut BytesMut) -> Duration {
    let begin = Instant::now();
    for _ in 0..BATCH {
        out.clear();
        FrameCodec.encode(frame(data), out).unwrap();
        black_box(&out);
    }
    begin.elapsed()
}

fn decode_batch(data: &Bytes, buffer: &mut BytesMut) -> Duration {
    buffer.clear();
    for _ in 0..BATCH {
        FrameCodec.encode(frame(data), buffer).unwrap();
    }
    let begin = Instant::now();
    for _ in 0..BATCH {
        let decoded = FrameCodec.decode(buffer).unwrap().unwrap();
        assert!(black_box(&decoded).data.len() == data.len());
    }
    begin.elapsed()
}

/// The least that one call took, over rounds of at least SPAN each.
fn best(mut batch: impl FnMut() -> Duration) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let mut total = Duration::ZERO;
            let mut count = 0;
            while total < SPAN {
                total += batch();
                count += BATCH;
            }
            total.as_nanos() as f64 / count as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    for size in [64, 256, 1024, 4096, 16384, 65535] {
        let data = Bytes::from(vec![7u8; size + APART]).slice(..size);
        let mut out = BytesMut::new();
        println!("encode {size} {:.2}", best(|| encode_batch(&data, &mut out)));
        let mut buffer = BytesMut::new();
        println!("decode {size} {:.2}", best(|| decode_batch(&data, &mut buffer)));
    }
}
