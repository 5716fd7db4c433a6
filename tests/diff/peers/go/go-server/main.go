// go-server is an AnyTLS server that stands on the Go module sing-anytls.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"net"
	"os"
	"time"

	anytls "github.com/anytls/sing-anytls"
	"github.com/anytls/sing-anytls/padding"
	"github.com/sagernet/sing/common/buf"
	M "github.com/sagernet/sing/common/metadata"
	N "github.com/sagernet/sing/common/network"
	"github.com/sagernet/sing/common/uot"

	"anytls-ref/tests/diff/peers/go/peer"
)

const dialTimeout = 10 * time.Second

// reporter is what a stream of the module offers to tell the client how dialling went: SYNACK.
type reporter interface {
	HandshakeSuccess() error
	HandshakeFailure(err error) error
}

type proxy struct {
	log *peer.Log
}

func (p *proxy) NewConnectionEx(ctx context.Context, stream net.Conn, _, destination M.Socksaddr,
	_ N.CloseHandlerFunc) {
	defer stream.Close()
	if destination.Fqdn == uot.MagicAddress {
		p.datagrams(stream)
		return
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	target, err := dialer.DialContext(ctx, "tcp", destination.String())
	if err != nil {
		p.log.Debug("dial ", destination, ": ", err)
		stream.(reporter).HandshakeFailure(err)
		return
	}
	stream.(reporter).HandshakeSuccess()
	peer.Relay(stream, target)
}

// datagrams serves UDP-over-TCP version 2. The stream is accepted before its request is read: some
// clients send the request only then, others wait with it.
func (p *proxy) datagrams(stream net.Conn) {
	stream.(reporter).HandshakeSuccess()
	request, err := uot.ReadRequest(stream)
	if err != nil {
		p.log.Debug("UDP request: ", err)
		return
	}
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		p.log.Error("UDP socket: ", err)
		return
	}
	defer socket.Close()
	tunnel := uot.NewConn(stream, *request)
	go answers(tunnel, socket)
	packet := buf.NewPacket()
	defer packet.Release()
	for {
		packet.Reset()
		destination, err := tunnel.ReadPacket(packet)
		if err != nil {
			return
		}
		address, err := net.ResolveUDPAddr("udp", destination.String())
		if err != nil {
			continue // one bad name does not end the others' datagrams
		}
		socket.WriteToUDP(packet.Bytes(), address)
	}
}

// answers carries datagrams back until the socket is closed.
func answers(tunnel *uot.Conn, socket *net.UDPConn) {
	defer tunnel.Close()
	bytes := make([]byte, 65535)
	for {
		size, from, err := socket.ReadFromUDPAddrPort(bytes)
		if err != nil {
			return
		}
		source := M.SocksaddrFromNetIP(from).Unwrap()
		if _, err = tunnel.WriteTo(bytes[:size], source.UDPAddr()); err != nil {
			return
		}
	}
}

func main() {
	address := flag.String("l", "", "`address` to listen on")
	password := flag.String("p", "", "`password`")
	schemeFile := flag.String("padding-scheme", "", "`file` with the padding scheme to push")
	verbose := flag.Bool("v", false, "say more")
	peer.Options(map[string]*string{"l": address, "p": password})

	scheme := padding.DefaultPaddingScheme
	if *schemeFile != "" {
		var err error
		if scheme, err = os.ReadFile(*schemeFile); err != nil {
			peer.Fail("%v", err)
		}
	}
	certificate, err := peer.SelfSigned()
	if err != nil {
		peer.Fail("certificate: %v", err)
	}
	log := peer.NewLog(*verbose)
	service, err := anytls.NewService(anytls.ServiceConfig{
		PaddingScheme: scheme,
		Users:         []anytls.User{{Name: "user", Password: *password}},
		Handler:       &proxy{log},
		Logger:        log,
	})
	if err != nil {
		peer.Fail("%v", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	peer.Serve(*address, func(ctx context.Context, conn net.Conn) {
		secure := tls.Server(conn, config)
		defer secure.Close()
		source := M.SocksaddrFromNet(conn.RemoteAddr())
		if err := service.NewConnection(ctx, secure, source, nil); err != nil {
			log.Debug(source, ": ", err)
		}
	})
}
