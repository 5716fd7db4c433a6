// The adapter of the Go module sing-anytls: questions on standard input, answers on standard
// output, one JSON object a line, as ../README.md says. Single items are here, what needs a
// session in session.go.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"

	"github.com/anytls/sing-anytls/padding"
	"github.com/anytls/sing-anytls/util"
)

type object = map[string]any

// input has the members of all operations.
type input struct {
	Bytes, Data, Role, Password, Table, Type, Host string
	Connect                                        bool
	Stream, Write                                  uint32
	Size, Open, Padding                            int
	Cuts                                           []int
	Port                                           uint16
}

func (in *input) bytes() []byte {
	bytes, _ := hex.DecodeString(in.Bytes)
	return bytes
}

func (in *input) data() []byte {
	bytes, _ := hex.DecodeString(in.Data)
	return bytes
}

func failure(err error) object {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return object{"status": "incomplete"}
	}
	return object{"status": "invalid"}
}

func settingsParse(in *input) object {
	return object{"items": util.StringMapFromBytes(in.bytes())}
}

func schemeParse(in *input) object {
	factory := padding.NewPaddingFactory(in.bytes())
	if factory == nil {
		return object{"status": "invalid"}
	}
	return object{"status": "ok", "stop": factory.Stop, "md5": factory.Md5}
}

// The module draws sizes and does not say from which range: some draws are the answer.
func schemeSizes(in *input) object {
	factory := padding.NewPaddingFactory(in.bytes())
	if factory == nil {
		return object{"status": "invalid"}
	}
	var drawn [][]any
	for range 32 {
		draw := []any{}
		for _, size := range factory.GenerateRecordPayloadSizes(in.Write) {
			if size == padding.CheckMark {
				draw = append(draw, "c")
			} else {
				draw = append(draw, size)
			}
		}
		drawn = append(drawn, draw)
	}
	return object{"drawn": drawn}
}

func paddingZero(in *input) object {
	if !isFixed(in.bytes(), 0) {
		return nil
	}
	sizes := padding.NewPaddingFactory(in.bytes()).GenerateRecordPayloadSizes(0)
	if len(sizes) == 0 {
		return object{"size": 0}
	}
	return object{"size": sizes[0]}
}

// isFixed tells whether the sizes of a write do not depend on random numbers.
func isFixed(scheme []byte, write uint32) bool {
	factory := padding.NewPaddingFactory(scheme)
	first, _ := json.Marshal(factory.GenerateRecordPayloadSizes(write))
	for range 20 {
		again, _ := json.Marshal(factory.GenerateRecordPayloadSizes(write))
		if !bytes.Equal(first, again) {
			return false
		}
	}
	return true
}

var operations = map[string]func(in *input) object{
	"settings_parse": settingsParse, "scheme_parse": schemeParse, "scheme_sizes": schemeSizes,
	"padding_zero": paddingZero, "address_decode": addressDecode, "address_encode": addressEncode,
	"uot_request_decode": requestDecode, "uot_request_encode": requestEncode,
	"uot_packet_decode": packetDecode, "uot_packet_encode": packetEncode,
	"session": sessionRun, "data_encode": dataEncode, "shape": shape,
	"preamble_encode": preambleEncode, "preamble_decode": preambleDecode,
}

func main() {
	runtime.GOMAXPROCS(1)
	reader, encoder := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return
		}
		var question struct {
			ID, Op string
			Input  input
		}
		if err = json.Unmarshal(line, &question); err != nil {
			os.Exit(1)
		}
		reply := object{"id": question.ID, "unsupported": true}
		if operation, ok := operations[question.Op]; ok {
			if answer := operation(&question.Input); answer != nil {
				reply = object{"id": question.ID, "answer": answer}
			}
		}
		encoder.Encode(reply)
	}
}
