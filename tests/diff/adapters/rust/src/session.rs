//! Whole sessions of the crate, over a connection in memory.

use crate::wire::Wire;
use crate::{bytes_of, hex, is_fixed, number};
use anytls_rs::padding::PaddingFactory;
use anytls_rs::session::{Session, Stream};
use anytls_rs::util::Result;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

struct One {
    stream: Arc<Stream>,
    synack: Option<oneshot::Receiver<Result<()>>>,
}

impl One {
    async fn describe(&mut self, closed: bool) -> Value {
        let (mut data, mut end, mut buffer) = (Vec::new(), "open", vec![0; 70_000]);
        let mut reader = self.stream.reader().lock().await;
        while let Ok(read) =
            tokio::time::timeout(Duration::from_millis(1), reader.read(&mut buffer)).await
        {
            match read {
                Ok(size) if size > 0 => data.extend_from_slice(&buffer[..size]),
                _ => {
                    end = if closed { "open" } else { "finished" };
                    break;
                }
            }
        }
        let mut answer = json!({"id": self.stream.id(), "data": hex(&data), "end": end});
        if let Some(Ok(Err(error))) = self.synack.as_mut().map(|synack| synack.try_recv()) {
            let text = error.to_string();
            if let Some(at) = text.find("Server error: ") {
                answer["end"] = json!("refused");
                answer["text"] = json!(hex(&text.as_bytes()[at + 14..]));
            }
        }
        answer
    }
}

fn frames(mut bytes: &[u8]) -> Vec<Value> {
    let mut list = Vec::new();
    while bytes.len() >= 7 {
        let end = (7 + usize::from(bytes[5]) * 256 + usize::from(bytes[6])).min(bytes.len());
        let id = u32::from_be_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        match bytes[0] {
            0 => (),
            5 => list.push(json!({"command": 5, "stream": id})),
            command => {
                list.push(json!({"command": command, "stream": id, "data": hex(&bytes[7..end])}))
            }
        }
        bytes = &bytes[end..];
    }
    list
}

async fn client(
    wire: &Wire,
    factory: Arc<PaddingFactory>,
    open: u64,
) -> Option<(Arc<Session>, Vec<One>)> {
    let session = Arc::new(Session::new_client(wire.clone(), wire.clone(), factory, None));
    let mut streams = Vec::new();
    Arc::clone(&session).start_client().await.ok()?;
    for _ in 0..open {
        let (stream, synack) = session.open_stream().await.ok()?;
        session.disable_buffering();
        session
            .write_data_frame(stream.id(), Bytes::from_static(b"\x03\x07example\x00\x50"))
            .await
            .ok()?;
        streams.push(One { stream, synack: Some(synack) });
    }
    Some((session, streams))
}

pub async fn run(input: &Value) -> Option<Value> {
    let wire = Wire::default();
    let cuts: Vec<usize> = input["cuts"].as_array().map_or(Vec::new(), |cuts| {
        cuts.iter().map(|cut| cut.as_u64().unwrap_or(0) as usize).collect()
    });
    let (sender, mut opened) = mpsc::unbounded_channel();
    let (session, mut streams) = if input["role"] == "client" {
        client(&wire, PaddingFactory::default(), number(input, "open")).await?
    } else {
        let mut server = Session::new_server(wire.clone(), wire.clone(), PaddingFactory::default());
        server.set_stream_callback(sender);
        let server = Arc::new(server);
        let receiving = Arc::clone(&server);
        tokio::spawn(async move { receiving.recv_loop().await });
        (server, Vec::new())
    };
    wire.take();
    wire.feed(&bytes_of(input, "bytes"), &cuts);
    wire.settle(&session).await;
    let (closed, output) = (session.is_closed(), wire.take().concat());
    while let Ok(stream) = opened.try_recv() {
        streams.push(One { stream, synack: None });
    }
    let mut list = Vec::new();
    for one in &mut streams {
        list.push(one.describe(closed).await);
    }
    let _ = session.close().await;
    wire.end();
    Some(json!({"streams": list, "output": frames(&output), "closed": closed}))
}

/// A server shapes nothing: its frames are as they are.
pub async fn data_encode(input: &Value) -> Option<Value> {
    let wire = Wire::default();
    let session = Session::new_server(wire.clone(), wire.clone(), PaddingFactory::default());
    let data = Bytes::from(bytes_of(input, "data"));
    session.write_data_frame(number(input, "stream") as u32, data).await.ok()?;
    Some(json!({"status": "ok", "bytes": hex(&wire.take().concat())}))
}

/// The writes from number 2 on, whose size the caller chooses, and schemes without random numbers.
pub async fn shape(input: &Value) -> Option<Value> {
    let factory = Arc::new(PaddingFactory::new(&bytes_of(input, "bytes")).ok()?);
    let (write, size) = (number(input, "write") as u32, number(input, "size") as usize);
    let mut left = size;
    if !(2..=100).contains(&write)
        || !(7..=65_542).contains(&size)
        || write < factory.stop() && !is_fixed(&factory, write)
    {
        return None;
    }
    let wire = Wire::default();
    let (session, streams) = client(&wire, factory, 1).await?;
    for _ in 2..write {
        session.write_data_frame(streams[0].stream.id(), Bytes::from_static(b"x")).await.ok()?;
    }
    wire.take();
    session.write_data_frame(streams[0].stream.id(), Bytes::from(vec![0; size - 7])).await.ok()?;
    let mut records = Vec::new();
    for record in wire.take() {
        let payload = left.min(record.len());
        records.push(json!({"payload": payload, "waste": record.len() - payload}));
        left -= payload;
    }
    let _ = session.close().await;
    wire.end();
    Some(json!({"records": records}))
}
