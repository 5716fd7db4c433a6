// How to reuse the corpus of anytls-ref in Go: the seeds are raw bytes, so f.Add takes them as they
// are. Here the server's session of github.com/anytls/sing-anytls reads what a client might send.
//
//	go test -fuzz=FuzzServerSession -fuzztime=10s .
package example

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/session"
	singatomic "github.com/sagernet/sing/common/atomic"
	"github.com/sagernet/sing/common/logger"
)

// client is a connection on which all that the client has to say has come already.
type client struct {
	in   *bytes.Reader
	lock sync.Mutex
	out  bytes.Buffer
}

func (c *client) Read(b []byte) (int, error) { return c.in.Read(b) }
func (c *client) Write(b []byte) (int, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.out.Write(b)
}
func (c *client) Close() error                     { return nil }
func (c *client) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *client) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *client) SetDeadline(time.Time) error      { return nil }
func (c *client) SetReadDeadline(time.Time) error  { return nil }
func (c *client) SetWriteDeadline(time.Time) error { return nil }

// seeds adds every file of the corpora that are streams of frames.
func seeds(f *testing.F) {
	for _, folder := range []string{"frame", "session_server", "regressions/session_server"} {
		files, _ := filepath.Glob(filepath.Join("..", "..", "..", "corpus", folder, "*"))
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

func FuzzServerSession(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		conn := &client{in: bytes.NewReader(data)}
		scheme := &singatomic.TypedValue[*padding.PaddingFactory]{}
		if !padding.UpdatePaddingScheme([]byte("stop=1\n0=30-30"), scheme) {
			t.Fatal("the padding scheme is refused")
		}
		var streams sync.WaitGroup
		var opened, received atomic.Int64
		server := session.NewServerSession(conn, func(stream *session.Stream) {
			streams.Add(1)
			defer streams.Done()
			opened.Add(1)
			n, _ := io.Copy(io.Discard, stream)
			received.Add(n)
			stream.Close()
		}, scheme, logger.NOP())

		done := make(chan struct{})
		go func() {
			server.Run() // until the client's bytes end
			server.Close()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Fatal("the session does not end with its connection")
		}
		streams.Wait()
		if received.Load() > int64(len(data)) {
			t.Fatalf("%d bytes came out of %d", received.Load(), len(data))
		}
		if opened.Load() > int64(len(data)/7) {
			t.Fatalf("%d streams from %d bytes", opened.Load(), len(data))
		}
		conn.lock.Lock()
		defer conn.lock.Unlock()
		checkFrames(t, conn.out.Bytes())
	})
}

// checkFrames wants whole frames of kinds that a server sends.
func checkFrames(t *testing.T, out []byte) {
	for len(out) > 0 {
		if len(out) < 7 {
			t.Fatalf("a frame's header is cut: %x", out)
		}
		size := 7 + int(binary.BigEndian.Uint16(out[5:]))
		if len(out) < size || out[0] > 10 {
			t.Fatalf("no frame: %x", out)
		}
		out = out[size:]
	}
}
