package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"sync"

	anytls "github.com/anytls/sing-anytls"
	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/session"
	"github.com/sagernet/sing/common/atomic"
	"github.com/sagernet/sing/common/logger"
	M "github.com/sagernet/sing/common/metadata"
	N "github.com/sagernet/sing/common/network"
)

// sides runs a session of the module on a wire; the streams come in the order of opening.
func sides(in *input, w *wire, value *atomic.TypedValue[*padding.PaddingFactory]) []*one {
	var lock sync.Mutex
	var streams []*one
	begin := func(stream *session.Stream) {
		lock.Lock()
		defer lock.Unlock()
		streams = append(streams, &one{stream: stream})
		go streams[len(streams)-1].read()
	}
	if in.Role == "server" {
		go session.NewServerSession(w, begin, value, logger.NOP()).Run()
	} else {
		side := session.NewClientSession(w, value, logger.NOP())
		side.Run()
		for range in.Open {
			stream, err := side.OpenStream()
			if err == nil {
				M.SocksaddrSerializer.WriteAddrPort(stream, M.Socksaddr{Fqdn: "example", Port: 80})
				begin(stream)
			}
		}
	}
	opened := len(w.output())
	close(w.ready)
	w.settle()
	w.writes = [][]byte{w.output()[opened:]}
	lock.Lock()
	defer lock.Unlock()
	return streams
}

func sessionRun(in *input) object {
	w, value := newWire(in.bytes(), in.Cuts), scheme(padding.DefaultPaddingScheme)
	streams := sides(in, w, value)
	closed := w.settle()
	answer := object{"closed": closed, "output": frames(w.output())}
	list := []object{}
	for _, stream := range streams {
		list = append(list, stream.describe(closed))
	}
	answer["streams"] = list
	if raw := value.Load().RawScheme; !bytes.Equal(raw, padding.DefaultPaddingScheme) {
		answer["scheme"] = string(raw)
	}
	w.Close()
	return answer
}

// dataEncode lets a server's stream write, since a server shapes nothing.
func dataEncode(in *input) object {
	value := scheme(padding.DefaultPaddingScheme)
	text := "v=1\npadding-md5=" + value.Load().Md5
	open := []byte{4, 0, 0, 0, 0, 0, byte(len(text))}
	open = binary.BigEndian.AppendUint32(append(append(open, text...), 1), in.Stream)
	w := newWire(append(open, 0, 0), nil)
	streams := sides(&input{Role: "server"}, w, value)
	defer w.Close()
	if len(streams) != 1 {
		return nil
	}
	streams[0].stream.Write(in.data())
	return object{"status": "ok", "bytes": hex.EncodeToString(w.output())}
}

// shape knows the writes from number 2 on, whose size the caller chooses. The module draws its own
// random numbers: schemes that need some are not answered.
func shape(in *input) object {
	value := scheme(in.bytes())
	shaped := in.Write < value.Load().Stop
	if in.Write < 2 || in.Write > 100 || in.Size < 7 || in.Size > 65535+7 ||
		shaped && !isFixed(in.bytes(), in.Write) {
		return nil
	}
	w := newWire(nil, nil)
	streams := sides(&input{Role: "client", Open: 1}, w, value)
	defer w.Close()
	for range in.Write - 2 {
		streams[0].stream.Write([]byte{0})
	}
	w.writes = nil
	streams[0].stream.Write(make([]byte, in.Size-7))
	records, left := []object{}, in.Size
	for _, record := range w.writes {
		payload := min(left, len(record))
		records = append(records, object{"payload": payload, "waste": len(record) - payload})
		left -= payload
	}
	return object{"records": records}
}

func preambleEncode(in *input) object {
	if in.Padding != 30 {
		return nil // the module's client begins with the default scheme
	}
	w := newWire(nil, nil)
	client, _ := anytls.NewClient(context.Background(), anytls.ClientConfig{Password: in.Password,
		Logger: logger.NOP(), DialOut: func(context.Context) (net.Conn, error) { return w, nil }})
	defer client.Close()
	if _, err := client.CreateProxy(context.Background(), M.Socksaddr{Fqdn: "a"}); err != nil {
		return nil
	}
	return object{"status": "ok", "bytes": hex.EncodeToString(w.writes[0])}
}

type fallback struct{ called chan struct{} }

func (f fallback) NewConnectionEx(context.Context, net.Conn, M.Socksaddr, M.Socksaddr,
	N.CloseHandlerFunc) {
	close(f.called)
}

func preambleDecode(in *input) object {
	w, refused := newWire(in.bytes(), in.Cuts), fallback{make(chan struct{})}
	service, _ := anytls.NewService(anytls.ServiceConfig{
		PaddingScheme: padding.DefaultPaddingScheme, Users: []anytls.User{{Password: in.Password}},
		Handler: refused, FallbackHandler: refused, Logger: logger.NOP()})
	close(w.ready)
	done := make(chan struct{})
	go func() {
		service.NewConnection(context.Background(), w, M.Socksaddr{}, nil)
		close(done)
	}()
	defer w.Close()
	select {
	case <-refused.called:
		return object{"status": "refused"}
	case <-w.idle:
	case <-done:
	}
	if in.Bytes == "" {
		return object{"status": "incomplete"}
	}
	return object{"status": "ok"}
}
