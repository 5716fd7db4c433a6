package main

import (
	"bytes"
	"encoding/hex"
	"net"
	"net/netip"

	"github.com/sagernet/sing/common/buf"
	M "github.com/sagernet/sing/common/metadata"
	"github.com/sagernet/sing/common/uot"
)

// memory is a connection that reads from and writes to memory.
type memory struct {
	net.Conn
	*bytes.Reader
	written bytes.Buffer
}

func (m *memory) Read(bytes []byte) (int, error)  { return m.Reader.Read(bytes) }
func (m *memory) Write(bytes []byte) (int, error) { return m.written.Write(bytes) }

func serializer(in *input) *M.Serializer {
	if in.Table == "uot" {
		return uot.AddrParser
	}
	return M.SocksaddrSerializer
}

func addAddress(answer object, address M.Socksaddr) object {
	host, kind := address.Addr.AsSlice(), "name"
	switch {
	case address.IsFqdn():
		host = []byte(address.Fqdn)
	case address.Addr.Is4():
		kind = "ipv4"
	case address.Addr.Is6():
		kind = "ipv6"
	}
	answer["type"], answer["host"], answer["port"] = kind, hex.EncodeToString(host), address.Port
	return answer
}

func (in *input) address() M.Socksaddr {
	host, _ := hex.DecodeString(in.Host)
	if in.Type == "name" {
		return M.Socksaddr{Fqdn: string(host), Port: in.Port}
	}
	address, _ := netip.AddrFromSlice(host)
	return M.Socksaddr{Addr: address, Port: in.Port}
}

// isPossible tells whether the module has a way to say this address.
func (in *input) isPossible() bool {
	return in.Type == "name" || in.address().IsIPv6() == (in.Type == "ipv6")
}

func addressDecode(in *input) object {
	reader := bytes.NewReader(in.bytes())
	address, err := serializer(in).ReadAddrPort(reader)
	if err != nil {
		return failure(err)
	}
	return addAddress(object{"status": "ok", "consumed": len(in.bytes()) - reader.Len()}, address)
}

func addressEncode(in *input) object {
	var out bytes.Buffer
	if !in.isPossible() {
		return nil
	}
	if err := serializer(in).WriteAddrPort(&out, in.address()); err != nil {
		return failure(err)
	}
	return object{"status": "ok", "bytes": hex.EncodeToString(out.Bytes())}
}

func requestDecode(in *input) object {
	reader := bytes.NewReader(in.bytes())
	request, err := uot.ReadRequest(reader)
	if err != nil {
		return failure(err)
	}
	return addAddress(object{"status": "ok", "connect": request.IsConnect,
		"consumed": len(in.bytes()) - reader.Len()}, request.Destination)
}

func requestEncode(in *input) object {
	out, err := uot.EncodeRequest(uot.Request{IsConnect: in.Connect, Destination: in.address()})
	if err != nil {
		return failure(err)
	}
	return object{"status": "ok", "bytes": hex.EncodeToString(out.Bytes())}
}

// packetConn reads and writes datagrams in memory.
func packetConn(in *input, reader *bytes.Reader) (*uot.Conn, *memory) {
	conn := &memory{Reader: reader}
	return uot.NewConn(conn, uot.Request{IsConnect: in.Connect, Destination: in.address()}), conn
}

func packetDecode(in *input) object {
	reader := bytes.NewReader(in.bytes())
	conn, _ := packetConn(in, reader)
	packet := buf.NewSize(65535)
	defer packet.Release()
	address, err := conn.ReadPacket(packet)
	if err != nil {
		return failure(err)
	}
	answer := object{"status": "ok", "data": hex.EncodeToString(packet.Bytes()),
		"consumed": len(in.bytes()) - reader.Len()}
	if !in.Connect {
		addAddress(answer, address)
	}
	return answer
}

func packetEncode(in *input) object {
	conn, out := packetConn(in, nil)
	if err := conn.WritePacket(buf.As(in.data()), in.address()); err != nil {
		return failure(err)
	}
	return object{"status": "ok", "bytes": hex.EncodeToString(out.written.Bytes())}
}
