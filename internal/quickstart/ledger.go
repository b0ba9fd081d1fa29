package quickstart

import "time"

// Ledger is what a simulator's records amount to: what tables fed by them have to show. Money is in cents, so that
// sums are exact.
type Ledger struct {
	Topics map[string]TopicTotals
	// RevenueCents, Quantity and Lines are sums over orders; ItemCents and ItemQuantity the same sums over their lines.
	RevenueCents, Quantity, Lines int64
	ItemCents, ItemQuantity       int64
	// Statuses and Deliveries count the records of their topics by status.
	Statuses, Deliveries map[string]int64
}

// TopicTotals describes the records of one topic.
type TopicTotals struct {
	Records, Bytes int64 // bytes of values
	First, Last    time.Time
}

func newLedger() *Ledger {
	return &Ledger{Topics: map[string]TopicTotals{}, Statuses: map[string]int64{}, Deliveries: map[string]int64{}}
}

// Account runs a simulator to its end and gives its ledger: what NewSimulator with the same arguments will produce.
// total has to be bounded.
func Account(seed, salt uint64, start time.Time, rate float64, total int64) *Ledger {
	s := NewSimulator(seed, salt, start, rate, max(total, 0))
	for _, ok := s.Next(); ok; _, ok = s.Next() {
	}
	return s.ledger
}

// Records is the number of records of all topics.
func (l *Ledger) Records() int64 {
	var n int64
	for _, t := range l.Topics {
		n += t.Records
	}
	return n
}

func (l *Ledger) add(r *Record) {
	t := l.Topics[r.Topic]
	if t.Records == 0 {
		t.First = r.Time
	}
	t.Records++
	t.Bytes += int64(len(r.Value))
	t.Last = r.Time
	l.Topics[r.Topic] = t
	switch r.Topic {
	case TopicOrders:
		l.RevenueCents += r.facts.cents
		l.Quantity += r.facts.quantity
		l.Lines += r.facts.lines
	case TopicItems:
		l.ItemCents += r.facts.cents
		l.ItemQuantity += r.facts.quantity
	case TopicStatuses:
		l.Statuses[r.facts.status]++
	case TopicDeliveries:
		l.Deliveries[r.facts.status]++
	}
}
