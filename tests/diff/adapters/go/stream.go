package main

import (
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"sync"

	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/session"
	"github.com/sagernet/sing/common/atomic"
)

// one is a stream and what was read from it.
type one struct {
	stream *session.Stream
	lock   sync.Mutex
	data   []byte
	done   bool
}

func (o *one) read() {
	buffer := make([]byte, 70000)
	for {
		size, err := o.stream.Read(buffer)
		o.lock.Lock()
		o.data = append(o.data, buffer[:size]...)
		o.done = err != nil
		o.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// The module does not tell a stream's id, nor why it ended: they are looked up.
func (o *one) describe(sessionClosed bool) object {
	inside := reflect.ValueOf(o.stream).Elem()
	o.lock.Lock()
	defer o.lock.Unlock()
	answer := object{"id": inside.FieldByName("id").Uint(), "data": hex.EncodeToString(o.data),
		"end": "open"}
	_, err := o.stream.Write(nil)
	switch {
	case err == nil:
	case strings.HasPrefix(err.Error(), "remote: "):
		answer["end"], answer["text"] = "refused", hex.EncodeToString([]byte(err.Error()[8:]))
	case !sessionClosed:
		answer["end"] = "finished"
	}
	return answer
}

func scheme(text []byte) *atomic.TypedValue[*padding.PaddingFactory] {
	var value atomic.TypedValue[*padding.PaddingFactory]
	padding.UpdatePaddingScheme(text, &value)
	return &value
}

func frames(bytes []byte) []object {
	list := []object{}
	for len(bytes) >= 7 {
		end := 7 + int(binary.BigEndian.Uint16(bytes[5:]))
		frame := object{"command": bytes[0], "stream": binary.BigEndian.Uint32(bytes[1:])}
		if bytes[0] != 5 {
			frame["data"] = hex.EncodeToString(bytes[7:min(end, len(bytes))])
		}
		if bytes[0] != 0 {
			list = append(list, frame)
		}
		bytes = bytes[min(end, len(bytes)):]
	}
	return list
}
