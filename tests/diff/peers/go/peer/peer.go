// Package peer holds what the programs of this module share: log, certificate, listener, relay.
package peer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sagernet/sing/common/logger"
)

// Log prints what the module reports to standard error: warnings and errors, with verbose all.
type Log struct {
	logger.ContextLogger
	verbose bool
}

func NewLog(verbose bool) *Log {
	return &Log{logger.NOP(), verbose}
}

func (l *Log) Debug(args ...any) {
	if l.verbose {
		fmt.Fprint(os.Stderr, "debug: ", fmt.Sprintln(args...))
	}
}

func (l *Log) Warn(args ...any) {
	fmt.Fprint(os.Stderr, "warning: ", fmt.Sprintln(args...))
}

func (l *Log) Error(args ...any) {
	fmt.Fprint(os.Stderr, "error: ", fmt.Sprintln(args...))
}

func (l *Log) DebugContext(_ context.Context, args ...any) { l.Debug(args...) }
func (l *Log) WarnContext(_ context.Context, args ...any)  { l.Warn(args...) }
func (l *Log) ErrorContext(_ context.Context, args ...any) { l.Error(args...) }

// Fail says what is wrong in one line and ends the program with exit code 2.
func Fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(2)
}

// Options parses the command line; -l and -p are common, the names in required must not be empty.
func Options(required map[string]*string) {
	flag.Parse()
	if flag.NArg() > 0 {
		Fail("unexpected argument %q: see --help", flag.Arg(0))
	}
	for name, value := range required {
		if *value == "" {
			Fail("option -%s is missing: see --help", name)
		}
	}
}

// SelfSigned makes an ECDSA certificate that lives in memory only.
func SelfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(365 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// Serve accepts connections until SIGTERM or SIGINT comes, and gives each to handle in a goroutine
// of its own. "listening on ADDR" on standard error says that it is ready.
func Serve(address string, handle func(context.Context, net.Conn)) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	listener, err := net.Listen("tcp", address)
	if err != nil {
		Fail("%v", err)
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "accept:", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		go handle(ctx, conn)
	}
}

// Relay copies both ways. A FIN closes a stream as a whole, so that the end of one direction is
// the end of both.
func Relay(a, b net.Conn) {
	done := make(chan struct{}, 2)
	pump := func(to, from net.Conn) {
		io.Copy(to, from)
		done <- struct{}{}
	}
	go pump(a, b)
	go pump(b, a)
	<-done
	a.Close()
	b.Close()
	<-done
}
