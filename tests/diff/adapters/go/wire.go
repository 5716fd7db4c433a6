package main

import (
	"io"
	"net"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"
)

const patience = 4 * time.Second

var atWork = regexp.MustCompile(`(?m)^goroutine \d+ \[(running|runnable|preempted|syscall)`)

// othersWork tells whether a goroutine besides the caller has something to do.
func othersWork() bool {
	for size := 1 << 14; ; size *= 2 {
		stacks := make([]byte, size)
		if n := runtime.Stack(stacks, true); n < size {
			return len(atWork.FindAllIndex(stacks[:n], 2)) > 1
		}
	}
}

// quiet waits until all other goroutines wait. The module deals with a frame in goroutines of its
// own, in whichever order they run, and no fixed time is long enough on a busy machine.
func quiet() {
	for end := time.Now().Add(patience); othersWork() && time.Now().Before(end); {
		runtime.Gosched()
	}
}

// wire is a connection whose input is a list of pieces. It tells when all of it was read and more
// is waited for, and keeps what was written, write by write.
type wire struct {
	net.Conn // none: deadlines and addresses are not asked for
	lock     sync.Mutex
	ready    chan struct{} // closed when reading may begin
	pieces   [][]byte
	writes   [][]byte
	idle     chan struct{} // closed when more is waited for
	closed   chan struct{}
	once     [2]sync.Once
}

func newWire(bytes []byte, cuts []int) *wire {
	w := &wire{ready: make(chan struct{}), idle: make(chan struct{}), closed: make(chan struct{})}
	done := 0
	for _, cut := range append(slices.Clone(cuts), len(bytes)) {
		if cut > done {
			w.pieces = append(w.pieces, bytes[done:cut])
			done = cut
		}
	}
	return w
}

func (w *wire) Read(bytes []byte) (int, error) {
	<-w.ready
	quiet() // streams that were opened come forward in their order
	w.lock.Lock()
	if len(w.pieces) > 0 {
		defer w.lock.Unlock()
		size := copy(bytes, w.pieces[0])
		if w.pieces[0] = w.pieces[0][size:]; len(w.pieces[0]) == 0 {
			w.pieces = w.pieces[1:]
		}
		return size, nil
	}
	w.lock.Unlock()
	w.once[0].Do(func() { close(w.idle) })
	<-w.closed
	return 0, io.EOF
}

func (w *wire) Write(bytes []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.writes = append(w.writes, slices.Clone(bytes))
	return len(bytes), nil
}

func (w *wire) Close() error {
	w.once[1].Do(func() { close(w.closed) })
	return nil
}

func (w *wire) SetWriteDeadline(time.Time) error { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (w *wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// settle waits until all was read, or the session has closed the wire; true: it has.
func (w *wire) settle() bool {
	select {
	case <-w.closed:
	case <-w.idle:
	case <-time.After(patience):
	}
	quiet()
	select {
	case <-w.closed:
		return true
	default:
		return false
	}
}

func (w *wire) output() []byte {
	w.lock.Lock()
	defer w.lock.Unlock()
	return slices.Concat(w.writes...)
}
