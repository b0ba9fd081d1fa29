// Package ports chooses ports for servers that tests and benchmarks start.
//
// A server that is told its port binds it some time after the port was found free, and again after each restart. Meanwhile
// the kernel may give a port of its ephemeral range to a listener that asks for any port, as the embedded etcd's does, or to
// an outgoing connection: even one that asks whether the server is there, which then is connected to itself. So ports come
// from below that range.
package ports

import (
	"fmt"
	"net"
	"os"
	"sync"
)

// Ports are taken from [first, end). Outgoing connections get ports from 32768 on Linux and from 49152 on macOS, unless the
// machine is configured otherwise. A process begins at a multiple of block that its id picks, so that processes that run side
// by side do not find the same ports free.
const (
	first = 10000
	end   = 32768
	block = 64
)

var (
	mu   sync.Mutex
	next = first + os.Getpid()%((end-first)/block)*block
)

// Free gives n ports in a row on which nothing listens and that it has not given before in this process, unless it has gone
// through all of them. It may be called concurrently.
func Free(n int) ([]int, error) {
	mu.Lock()
	defer mu.Unlock()
	var row []int
	for range 2 * (end - first) {
		if next >= end {
			next, row = first, nil
		}
		port := next
		next++
		if !free(port) {
			row = nil
			continue
		}
		if row = append(row, port); len(row) == n {
			return row, nil
		}
	}
	return nil, fmt.Errorf("no %d ports in a row are free in [%d, %d)", n, first, end)
}

// free tells whether a server could listen on a port now.
func free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
