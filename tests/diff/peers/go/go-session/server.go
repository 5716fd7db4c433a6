package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	anytls "github.com/anytls/sing-anytls"
	"github.com/sagernet/sing/common/logger"
	M "github.com/sagernet/sing/common/metadata"
	N "github.com/sagernet/sing/common/network"
)

// seen is what a stream of a server has seen.
type seen struct {
	id          uint64
	destination string
	received    hashed
}

type handler struct {
	lock    sync.Mutex
	streams []*seen
	all     sync.WaitGroup
}

type reporter interface {
	HandshakeSuccess() error
	HandshakeFailure(err error) error
}

// NewConnectionEx is called in a goroutine of its own for each stream.
func (h *handler) NewConnectionEx(_ context.Context, stream net.Conn, _, destination M.Socksaddr,
	_ N.CloseHandlerFunc) {
	h.all.Add(1)
	defer h.all.Done()
	defer stream.Close()
	s := &seen{destination: destination.String(), received: newHashed()}
	s.id = reflect.ValueOf(stream).Elem().FieldByName("id").Uint() // the module does not tell it
	h.lock.Lock()
	h.streams = append(h.streams, s)
	h.lock.Unlock()
	report := stream.(reporter)
	switch port := int(destination.Port); {
	case port == portFail:
		report.HandshakeFailure(errors.New("cannot reach " + s.destination))
	case port >= portSend:
		report.HandshakeSuccess()
		bytes := pattern(port*sendFactor, uint64(port))
		for len(bytes) > 0 {
			size := min(len(bytes), 30000)
			if _, err := stream.Write(bytes[:size]); err != nil {
				return
			}
			bytes = bytes[size:]
		}
	default:
		if port != portLateEcho {
			report.HandshakeSuccess()
		}
		if port == portSink {
			stream.Write([]byte("k"))
		}
		s.serve(stream, report, port != portSink)
	}
}

func (s *seen) serve(stream net.Conn, report reporter, echo bool) {
	buffer := make([]byte, 32768)
	for {
		size, err := stream.Read(buffer)
		if size > 0 {
			report.HandshakeSuccess() // once only: the module sees to that
			s.received.add(buffer[:size])
			if echo {
				stream.Write(buffer[:size])
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits until count streams have come to the handler, each in a goroutine that the module
// starts, and all have ended.
func (h *handler) wait(count int) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		h.lock.Lock()
		come := len(h.streams)
		h.lock.Unlock()
		if come >= count {
			break
		}
		time.Sleep(time.Millisecond)
	}
	h.all.Wait()
}

func (p *program) server(mode, streams, scheme string) string {
	count, err := strconv.Atoi(streams)
	if err != nil {
		return "error: " + err.Error()
	}
	text, err := hex.DecodeString(scheme)
	if err != nil {
		return "error: " + err.Error()
	}
	h := &handler{}
	service, err := anytls.NewService(anytls.ServiceConfig{
		PaddingScheme: text,
		Users:         []anytls.User{{Name: "user", Password: password}},
		Handler:       h,
		Logger:        logger.NOP(),
	})
	if err != nil {
		return "error: " + err.Error()
	}
	conn, err := p.accept(mode)
	if err != nil {
		return "error: " + err.Error()
	}
	err = service.NewConnection(context.Background(), conn, M.Socksaddr{}, nil)
	conn.Close()
	if err != nil {
		return "error: " + err.Error()
	}
	h.wait(count)
	sort.Slice(h.streams, func(i, j int) bool { return h.streams[i].id < h.streams[j].id })
	var line strings.Builder
	line.WriteString("done")
	for _, s := range h.streams {
		fmt.Fprintf(&line, " %d/%s/%s", s.id, s.destination, s.received)
	}
	return line.String()
}
