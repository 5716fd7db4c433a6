//! The adapter of the crate anytls-rs: questions on standard input, answers on standard output,
//! one JSON object a line, as ../README.md says. What needs a session is in session.rs.

mod session;
mod wire;

use anytls_rs::padding::{CHECK_MARK, PaddingFactory};
use anytls_rs::protocol::{Command, Frame, FrameCodec};
use anytls_rs::util::{AnyTlsError, StringMap, authenticate_client, hash_password};
use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::Arc;
use tokio_util::codec::{Decoder, Encoder};

pub fn bytes_of(input: &Value, key: &str) -> Vec<u8> {
    let digits = input[key].as_str().unwrap_or("");
    (0..digits.len() / 2)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap_or(0))
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn number(input: &Value, key: &str) -> u64 {
    input[key].as_u64().unwrap_or(0)
}

fn frame_decode(input: &Value) -> Option<Value> {
    let mut buffer = BytesMut::from(&bytes_of(input, "bytes")[..]);
    let size = buffer.len();
    Some(match FrameCodec.decode(&mut buffer) {
        Ok(Some(frame)) => json!({"status": "ok", "command": u8::from(frame.cmd),
            "stream": frame.stream_id, "data": hex(&frame.data), "consumed": size - buffer.len()}),
        Ok(None) => json!({"status": "incomplete"}),
        Err(_) => json!({"status": "invalid"}),
    })
}

fn frame_encode(input: &Value) -> Option<Value> {
    let command = Command::from(number(input, "command") as u8);
    let data = Bytes::from(bytes_of(input, "data"));
    let frame = Frame::with_data(command, number(input, "stream") as u32, data);
    let mut out = BytesMut::new();
    FrameCodec.encode(frame, &mut out).ok()?;
    Some(json!({"status": "ok", "bytes": hex(&out)}))
}

fn settings_parse(input: &Value) -> Option<Value> {
    let map = StringMap::from_bytes(&bytes_of(input, "bytes"));
    let items: serde_json::Map<String, Value> =
        map.into_vec().into_iter().map(|(key, value)| (key, json!(value))).collect();
    Some(json!({"items": items}))
}

fn scheme_parse(input: &Value) -> Option<Value> {
    Some(match PaddingFactory::new(&bytes_of(input, "bytes")) {
        Ok(factory) => json!({"status": "ok", "stop": factory.stop(), "md5": factory.md5()}),
        Err(_) => json!({"status": "invalid"}),
    })
}

/// The crate draws sizes and does not say from which range: some draws are the answer.
fn scheme_sizes(input: &Value) -> Option<Value> {
    let factory = PaddingFactory::new(&bytes_of(input, "bytes")).ok()?;
    let draw = || -> Vec<Value> {
        let sizes = factory.generate_record_payload_sizes(number(input, "write") as u32);
        sizes
            .iter()
            .map(|&size| if size == CHECK_MARK { json!("c") } else { json!(size) })
            .collect()
    };
    Some(json!({"drawn": (0..32).map(|_| draw()).collect::<Vec<_>>()}))
}

/// Whether the sizes of a write do not depend on random numbers.
pub fn is_fixed(factory: &PaddingFactory, write: u32) -> bool {
    let first = factory.generate_record_payload_sizes(write);
    (0..20).all(|_| factory.generate_record_payload_sizes(write) == first)
}

fn padding_zero(input: &Value) -> Option<Value> {
    let factory = PaddingFactory::new(&bytes_of(input, "bytes")).ok()?;
    if !is_fixed(&factory, 0) {
        return None;
    }
    let first = factory.generate_record_payload_sizes(0).first().copied().unwrap_or(0);
    Some(json!({"size": first.max(0)}))
}

async fn preamble_decode(input: &Value) -> Option<Value> {
    let hash = hash_password(input["password"].as_str()?);
    let bytes = bytes_of(input, "bytes");
    let mut reader = &bytes[..];
    let factory = PaddingFactory::default();
    Some(match authenticate_client(&mut reader, &hash, &factory).await {
        Ok(()) => json!({"status": "ok", "consumed": bytes.len() - reader.len()}),
        Err(AnyTlsError::AuthenticationFailed) => json!({"status": "refused"}),
        Err(_) => json!({"status": "incomplete"}),
    })
}

async fn preamble_encode(input: &Value) -> Option<Value> {
    let hash = hash_password(input["password"].as_str()?);
    let size = number(input, "padding");
    let factory =
        Arc::new(PaddingFactory::new(format!("stop=1\n0={size}-{size}").as_bytes()).ok()?);
    let mut out = Vec::new();
    anytls_rs::send_authentication(&mut out, &hash, &factory).await.ok()?;
    Some(json!({"status": "ok", "bytes": hex(&out)}))
}

async fn answer(operation: &str, input: &Value) -> Option<Value> {
    match operation {
        "frame_decode" => frame_decode(input),
        "frame_encode" => frame_encode(input),
        "settings_parse" => settings_parse(input),
        "scheme_parse" => scheme_parse(input),
        "scheme_sizes" => scheme_sizes(input),
        "padding_zero" => padding_zero(input),
        "preamble_decode" => preamble_decode(input).await,
        "preamble_encode" => preamble_encode(input).await,
        "session" => session::run(input).await,
        "data_encode" => session::data_encode(input).await,
        "shape" => session::shape(input).await,
        _ => None,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let Ok(question) = serde_json::from_str::<Value>(&line.unwrap_or_default()) else {
            std::process::exit(1);
        };
        let reply = match answer(question["op"].as_str().unwrap_or(""), &question["input"]).await {
            Some(answer) => json!({"id": question["id"], "answer": answer}),
            None => json!({"id": question["id"], "unsupported": true}),
        };
        println!("{reply}");
        std::io::stdout().flush().expect("standard output");
    }
}
