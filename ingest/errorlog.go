package ingest

import "sync"

// Limits of what an ErrorLog keeps.
const (
	// MaxErrorSamples is how many rejected records a partition remembers, the newest ones.
	MaxErrorSamples = 100
	// maxSampleBytes bounds the excerpt of a record's value.
	maxSampleBytes = 256
	// maxReasonBytes bounds the text of a reason.
	maxReasonBytes = 512
)

// ErrorSample is one rejected record.
type ErrorSample struct {
	Topic     string
	Partition int32
	Offset    int64
	Millis    int64 // when it was met
	Reason    string
	Excerpt   string // head of the record's value
}

// ErrorLog keeps the newest rejected records of a partition in a ring. Safe for concurrent use.
type ErrorLog struct {
	mu struct {
		sync.Mutex
		ring []ErrorSample
		next int
	}
}

func excerpt(b []byte, limit int) string {
	if len(b) > limit {
		b = b[:limit]
	}
	return string(b)
}

func (l *ErrorLog) add(s ErrorSample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.mu.ring) < MaxErrorSamples {
		l.mu.ring = append(l.mu.ring, s)
		return
	}
	l.mu.ring[l.mu.next] = s
	l.mu.next = (l.mu.next + 1) % MaxErrorSamples
}

// Samples gives the remembered records, oldest first.
func (l *ErrorLog) Samples() []ErrorSample {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]ErrorSample, 0, len(l.mu.ring))
	for i := range l.mu.ring {
		out = append(out, l.mu.ring[(l.mu.next+i)%len(l.mu.ring)])
	}
	return out
}
