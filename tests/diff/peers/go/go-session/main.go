// go-session runs sessions of the module sing-anytls against the differential tests. It is told on
// standard input what to do, a line a session, and answers on standard output with a line that says
// what it saw. Connections come over a Unix socket or over TLS on loopback.
//
//	server MODE COUNT SCHEME   accept a connection and serve COUNT streams on it; SCHEME:
//	                           hexadecimal digits
//	client MODE ADDRESS OP...  connect, and do what the script says (client.go)
//
// What a server does with a stream follows from the port of its destination: see behaviour.
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"anytls-ref/tests/diff/peers/go/peer"
)

const (
	portEcho     = 1 // accept, and send back what comes
	portFail     = 2 // refuse
	portSink     = 3 // accept, send one byte, and read
	portLateEcho = 4 // accept only when something has come, then as echo
	portSend     = 1000
	sendFactor   = 37 // a port from 1000 on sends so many bytes times the port, and ends
)

const password = "differential"

type hashed struct {
	size int
	sum  uint64
}

func newHashed() hashed { return hashed{0, 14695981039346656037} }

func (h *hashed) add(bytes []byte) {
	for _, b := range bytes {
		h.sum = (h.sum ^ uint64(b)) * 1099511628211
	}
	h.size += len(bytes)
}

func (h hashed) String() string { return fmt.Sprintf("%d:%016x", h.size, h.sum) }

// pattern makes size bytes that follow from seed alone.
func pattern(size int, seed uint64) []byte {
	bytes := make([]byte, size)
	for i := range bytes {
		seed = seed*6364136223846793005 + 1442695040888963407
		bytes[i] = byte(seed >> 56)
	}
	return bytes
}

type program struct {
	plain, secure net.Listener
}

func (p *program) accept(mode string) (net.Conn, error) {
	if mode == "tls" {
		return p.secure.Accept()
	}
	return p.plain.Accept()
}

func dial(mode, address string) (net.Conn, error) {
	if mode == "tls" {
		return tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	}
	return net.Dial("unix", address)
}

func main() {
	if len(os.Args) != 2 {
		peer.Fail("usage: go-session FOLDER")
	}
	path := filepath.Join(os.Args[1], fmt.Sprintf("go-%d.socket", os.Getpid()))
	certificate, err := peer.SelfSigned()
	if err != nil {
		peer.Fail("certificate: %v", err)
	}
	plain, err := net.Listen("unix", path)
	if err != nil {
		peer.Fail("%v", err)
	}
	defer plain.Close()
	secure, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		peer.Fail("%v", err)
	}
	p := &program{plain, secure}
	fmt.Printf("ready %s %d\n", path, secure.Addr().(*net.TCPAddr).Port)

	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		switch {
		case len(words) == 4 && words[0] == "server":
			fmt.Println(p.server(words[1], words[2], words[3]))
		case len(words) >= 3 && words[0] == "client":
			fmt.Println(client(words[1], words[2], words[3:]))
		default:
			peer.Fail("no such order: %q", line)
		}
	}
}
