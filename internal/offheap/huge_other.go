//go:build unix && !linux && !race

package offheap

func fillHuge([]byte) {}
