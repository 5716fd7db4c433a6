// codec-go says what a frame costs in the Go module sing-anytls. The module has no codec that can be
// called by itself: a frame is written by a stream over a connection that drops what it is given,
// and read by a session from a connection that repeats frames for ever, up to a stream's Read.
// It prints lines: encode or decode, the payload's size, nanoseconds a frame.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/session"
	"github.com/sagernet/sing/common/atomic"
	"github.com/sagernet/sing/common/logger"
)

const (
	rounds = 5
	span   = 20 * time.Millisecond
	// Source and destination at nearly the same place in their pages are copied many times slower
	// by some processors: that would measure the allocator.
	apart = 1024
)

// conn drops what is written, and repeats frame to whoever reads, once started.
type conn struct {
	net.Conn
	frame   []byte
	at      int
	started chan struct{}
	once    sync.Once
	ended   chan struct{}
}

func (c *conn) Write(bytes []byte) (int, error) { return len(bytes), nil }

func (c *conn) Read(bytes []byte) (int, error) {
	select {
	case <-c.started:
	case <-c.ended:
		return 0, io.EOF
	}
	size := copy(bytes, c.frame[c.at:])
	c.at = (c.at + size) % len(c.frame)
	return size, nil
}

func (c *conn) Close() error {
	c.once.Do(func() { close(c.ended) })
	return nil
}

func (c *conn) SetWriteDeadline(time.Time) error { return nil }

func open(frame []byte) (*conn, *session.Stream) {
	c := &conn{frame: frame, started: make(chan struct{}), ended: make(chan struct{})}
	var scheme atomic.TypedValue[*padding.PaddingFactory]
	scheme.Store(padding.NewPaddingFactory(padding.DefaultPaddingScheme))
	s := session.NewClientSession(c, &scheme, logger.NOP())
	s.Run()
	stream, err := s.OpenStream()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := 0; i < 20; i++ { // beyond the writes that are shaped
		stream.Write([]byte("x"))
	}
	return c, stream
}

// best is the least time that one call took, over rounds of at least span each.
func best(call func()) float64 {
	least := 1e18
	for i := 0; i < rounds; i++ {
		begin := time.Now()
		count := 0
		for time.Since(begin) < span {
			for j := 0; j < 64; j++ {
				call()
			}
			count += 64
		}
		if one := float64(time.Since(begin).Nanoseconds()) / float64(count); one < least {
			least = one
		}
	}
	return least
}

func main() {
	for _, size := range []int{64, 256, 1024, 4096, 16384, 65535} {
		payload := make([]byte, apart+size)[apart:]
		frame := make([]byte, 7, 7+size)
		frame[0] = 2
		binary.BigEndian.PutUint32(frame[1:], 1)
		binary.BigEndian.PutUint16(frame[5:], uint16(size))
		c, stream := open(append(frame, payload...))
		fmt.Printf("encode %d %.2f\n", size, best(func() { stream.Write(payload) }))
		close(c.started)
		fmt.Printf("decode %d %.2f\n", size, best(func() { io.ReadFull(stream, payload) }))
		stream.Close()
		c.Close()
	}
}
