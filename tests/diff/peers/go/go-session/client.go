package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/session"
	"github.com/sagernet/sing/common/atomic"
	"github.com/sagernet/sing/common/logger"
	M "github.com/sagernet/sing/common/metadata"
)

// patience is how long the script waits for what has to come.
const patience = 8 * time.Second

// one is a stream of a client.
type one struct {
	stream   *session.Stream
	port     int
	written  int
	closed   bool // by us
	lock     sync.Mutex
	received hashed
	err      error
}

var hosts = []string{"target.example", "192.0.2.7", "2001:db8::7"}

func open(side *session.Session, host, port int) (*one, error) {
	stream, err := side.OpenStream()
	if err != nil {
		return nil, err
	}
	o := &one{stream: stream, port: port, received: newHashed()}
	destination := M.ParseSocksaddrHostPort(hosts[host], uint16(port))
	if err = M.SocksaddrSerializer.WriteAddrPort(stream, destination); err != nil {
		return nil, err
	}
	go o.read()
	return o, nil
}

func (o *one) read() {
	buffer := make([]byte, 32768)
	for {
		size, err := o.stream.Read(buffer)
		o.lock.Lock()
		o.received.add(buffer[:size])
		o.err = err
		o.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// settled tells whether all has come that has to come.
func (o *one) settled() bool {
	o.lock.Lock()
	defer o.lock.Unlock()
	switch {
	case o.closed:
		return true
	case o.port == portFail:
		return o.err != nil
	case o.port == portSink:
		return o.received.size == 1
	case o.port >= portSend:
		return o.received.size == o.port*sendFactor && o.err != nil
	default:
		return o.received.size == o.written
	}
}

func (o *one) String() string {
	o.lock.Lock()
	defer o.lock.Unlock()
	end := "open"
	switch {
	case o.closed:
		end = "closed"
	case o.err != nil && strings.HasPrefix(o.err.Error(), "remote: "):
		end = "refused:" + strings.ReplaceAll(o.err.Error()[8:], " ", "_")
	case o.err != nil:
		end = "finished"
	}
	return fmt.Sprintf("%s/%s", o.received, end)
}

func wait(streams []*one) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		settled := true
		for _, o := range streams {
			settled = settled && o.settled()
		}
		if settled {
			return nil
		}
		time.Sleep(200 * time.Microsecond)
	}
	return errors.New("what had to come did not come")
}

// run does the operations of a script: o:HOST:PORT opens a stream, w:STREAM:SIZE:SEED writes,
// c:STREAM closes, y waits for all that has to come. Streams are numbered from 0.
func run(side *session.Session, operations []string) ([]*one, error) {
	var streams []*one
	for _, operation := range operations {
		var a, b int
		var seed uint64
		switch operation[0] {
		case 'o':
			fmt.Sscanf(operation, "o:%d:%d", &a, &b)
			o, err := open(side, a, b)
			if err != nil {
				return streams, err
			}
			streams = append(streams, o)
		case 'w':
			fmt.Sscanf(operation, "w:%d:%d:%d", &a, &b, &seed)
			if _, err := streams[a].stream.Write(pattern(b, seed)); err != nil {
				return streams, err
			}
			streams[a].written += b
		case 'c':
			fmt.Sscanf(operation, "c:%d", &a)
			streams[a].lock.Lock()
			streams[a].closed = true
			streams[a].lock.Unlock()
			streams[a].stream.Close()
		case 'y':
			if err := wait(streams); err != nil {
				return streams, err
			}
		}
	}
	return streams, nil
}

func client(mode, address string, operations []string) string {
	conn, err := dial(mode, address)
	if err != nil {
		return "error: " + err.Error()
	}
	defer conn.Close()
	hash := sha256.Sum256([]byte(password))
	if _, err = conn.Write(append(hash[:], 0, 0)); err != nil {
		return "error: " + err.Error()
	}
	var scheme atomic.TypedValue[*padding.PaddingFactory]
	padding.UpdatePaddingScheme(padding.DefaultPaddingScheme, &scheme)
	side := session.NewClientSession(conn, &scheme, logger.NOP())
	side.Run()
	streams, err := run(side, operations)
	line := "done"
	for _, o := range streams {
		line += " " + o.String()
	}
	if err != nil {
		return line + " error: " + err.Error()
	}
	end(conn, side)
	return line + " " + scheme.Load().Md5
}

// end says that nothing more comes, and waits until the peer has read all.
func end(conn net.Conn, side *session.Session) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	for deadline := time.Now().Add(patience); !side.IsClosed() && time.Now().Before(deadline); {
		time.Sleep(200 * time.Microsecond)
	}
	side.Close()
}
