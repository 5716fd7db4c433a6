// go-client is an AnyTLS client that stands on the Go module sing-anytls, with SOCKS5 inbound.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"flag"
	"net"
	"time"

	anytls "github.com/anytls/sing-anytls"
	"github.com/sagernet/sing/common/buf"
	singbufio "github.com/sagernet/sing/common/bufio"
	M "github.com/sagernet/sing/common/metadata"
	N "github.com/sagernet/sing/common/network"
	"github.com/sagernet/sing/common/uot"
	"github.com/sagernet/sing/protocol/socks"

	"anytls-ref/tests/diff/peers/go/peer"
)

const dialTimeout = 10 * time.Second

type inbound struct {
	client     *anytls.Client
	udpConnect bool
	log        *peer.Log
}

func (i *inbound) NewConnectionEx(ctx context.Context, conn net.Conn, _, destination M.Socksaddr,
	_ N.CloseHandlerFunc) {
	defer conn.Close()
	stream, err := i.client.CreateProxy(ctx, destination)
	if err != nil {
		i.log.Error(destination, ": ", err)
		N.ReportHandshakeFailure(conn, err)
		return
	}
	if err = N.ReportConnHandshakeSuccess(conn, stream); err != nil {
		stream.Close()
		return
	}
	peer.Relay(conn, stream)
}

func (i *inbound) NewPacketConnectionEx(ctx context.Context, conn N.PacketConn, _, _ M.Socksaddr,
	_ N.CloseHandlerFunc) {
	defer conn.Close()
	// The first datagram comes before the stream: with udpConnect it says where to.
	first := buf.NewPacket()
	defer first.Release()
	destination, err := conn.ReadPacket(first)
	if err != nil {
		return
	}
	stream, err := i.client.CreateProxy(ctx, uot.RequestDestination(uot.Version))
	if err != nil {
		i.log.Error("UDP: ", err)
		return
	}
	defer stream.Close()
	request := uot.Request{IsConnect: i.udpConnect, Destination: destination}
	if err = uot.WriteRequest(stream, request); err != nil {
		return
	}
	tunnel := uot.NewConn(stream, request)
	if _, err = tunnel.WriteTo(first.Bytes(), destination); err != nil {
		return
	}
	singbufio.CopyPacketConn(ctx, conn, tunnel)
}

func main() {
	address := flag.String("l", "", "`address` to listen on for SOCKS5")
	server := flag.String("s", "", "server, `host:port`")
	password := flag.String("p", "", "`password`")
	name := flag.String("sni", "", "server `name` in the TLS handshake; default: the host of -s")
	insecure := flag.Bool("insecure", false, "do not verify the server's certificate")
	udpConnect := flag.Bool("udp-connect", false,
		"carry UDP in connect mode: all datagrams go where the first one went")
	verbose := flag.Bool("v", false, "say more")
	peer.Options(map[string]*string{"l": address, "s": server, "p": password})

	host, _, err := net.SplitHostPort(*server)
	if err != nil {
		peer.Fail("option -s: %v", err)
	}
	if *name == "" {
		*name = host
	}
	config := &tls.Config{ServerName: *name, InsecureSkipVerify: *insecure}
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: config}
	log := peer.NewLog(*verbose)
	client, err := anytls.NewClient(context.Background(), anytls.ClientConfig{
		Password: *password,
		DialOut: func(ctx context.Context) (net.Conn, error) {
			log.Debug("dial ", *server)
			return dialer.DialContext(ctx, "tcp", *server)
		},
		Logger: log,
	})
	if err != nil {
		peer.Fail("%v", err)
	}
	defer client.Close()
	handler := &inbound{client, *udpConnect, log}
	peer.Serve(*address, func(ctx context.Context, conn net.Conn) {
		source := M.SocksaddrFromNet(conn.RemoteAddr())
		err := socks.HandleConnectionEx(ctx, conn, bufio.NewReader(conn), nil, handler, source, nil)
		if err != nil {
			log.Debug(source, ": ", err)
			conn.Close()
		}
	})
}
