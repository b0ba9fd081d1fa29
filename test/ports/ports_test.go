package ports

import (
	"fmt"
	"net"
	"testing"
)

// TestFree takes ports over the end of the range and past a port that is in use.
func TestFree(t *testing.T) {
	found, err := Free(3)
	if err != nil {
		t.Fatal(err)
	}
	used, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", found[1]))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()

	mu.Lock()
	before := next
	next = found[0]
	mu.Unlock()
	row, err := Free(2)
	if err != nil || row[0] <= found[1] || row[1] != row[0]+1 {
		t.Errorf("2 ports from %d on, where %d is in use: %v %v", found[0], found[1], row, err)
	}
	mu.Lock()
	next = end - 1
	mu.Unlock()
	if row, err = Free(2); err != nil || row[0] < first || row[1] >= end || row[1] != row[0]+1 {
		t.Errorf("2 ports at the end of the range: %v %v", row, err)
	}
	mu.Lock()
	next = before
	mu.Unlock()

	seen := map[int]bool{}
	for range 100 {
		row, err := Free(5)
		if err != nil {
			t.Fatal(err)
		}
		for _, port := range row {
			if seen[port] || port < first || port >= end {
				t.Fatalf("port %d was given before or is not in [%d, %d)", port, first, end)
			}
			seen[port] = true
		}
	}
	if _, err := Free(end - first + 1); err == nil {
		t.Error("more ports than there are")
	}
}
