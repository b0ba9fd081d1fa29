// Package quickstart is the pizza shop: a simulator of its topics, and the tables and queries that the quickstart
// command sets up. The same seed and start time give the same bytes.
package quickstart

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// Topics of the shop.
const (
	TopicOrders     = "orders"
	TopicItems      = "enriched-order-items"
	TopicStatuses   = "ordersStatuses"
	TopicDeliveries = "deliveryStatuses"
)

// Topics lists them.
var Topics = []string{TopicOrders, TopicItems, TopicStatuses, TopicDeliveries}

// statuses is the life of an order; the order's own record is the first.
var statuses = []string{"PLACED_ORDER", "ORDER_CONFIRMED", "BEING_PREPARED", "BEING_COOKED", "OUT_FOR_DELIVERY", "ARRIVING", "DELIVERED"}

// The shop stands in Bengaluru; its users live within a few kilometres.
const (
	shopLat, shopLon = 12.9716, 77.5946
	radiusDegrees    = 0.07
	users            = 1000
	maxItems         = 10
	maxQuantity      = 5
	position         = time.Second // between two positions of a driver
	timeFormat       = "2006-01-02T15:04:05.000000"
)

// Record is one event for a topic. Key is the order's id.
type Record struct {
	Topic string
	Key   string
	Value []byte
	Time  time.Time // when it happens
	IsNew bool      // the record of a new order
	facts facts
}

// facts are what a record tells, for the ledger.
type facts struct {
	cents, quantity, lines int64
	status                 string
}

// Simulator makes the shop's events in the order of their time. Not safe for concurrent use.
type Simulator struct {
	rng    *rand.Rand
	gap    float64 // mean seconds between orders
	at     time.Time
	orders int64
	left   int64 // orders still to come, -1 without end
	queue  events
	serial int64
	homes  [users][2]float64
	ledger *Ledger
}

// NewSimulator makes a shop that opens at start and takes rate orders per second, total of them (-1: without end).
// salt tells runs over the same data apart: the number of events that are there already.
func NewSimulator(seed, salt uint64, start time.Time, rate float64, total int64) *Simulator {
	s := &Simulator{rng: rand.New(rand.NewPCG(seed, salt)), gap: 1 / rate, at: start.UTC(), left: total, ledger: newLedger()}
	homes := rand.New(rand.NewPCG(seed, math.MaxUint64))
	for i := range s.homes {
		s.homes[i] = [2]float64{shopLat + (homes.Float64()*2-1)*radiusDegrees, shopLon + (homes.Float64()*2-1)*radiusDegrees}
	}
	s.schedule()
	return s
}

// event is something that will happen.
type event struct {
	at     time.Time
	serial int64 // keeps the order of events of the same time
	record Record
	order  bool // a new order is made when its time comes
}

type events []event

// Len implements heap.Interface.
func (e events) Len() int { return len(e) }

// Less implements heap.Interface.
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].serial < e[j].serial
}

// Swap implements heap.Interface.
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop implements heap.Interface.
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

func (s *Simulator) push(at time.Time, topic, key string, value []byte, f facts) {
	s.serial++
	heap.Push(&s.queue, event{at: at, serial: s.serial, record: Record{Topic: topic, Key: key, Value: value, Time: at, facts: f}})
}

// schedule lets the next order come.
func (s *Simulator) schedule() {
	if s.left == 0 {
		return
	}
	if s.left > 0 {
		s.left--
	}
	s.at = s.at.Add(time.Duration(s.rng.ExpFloat64() * s.gap * float64(time.Second)))
	s.serial++
	heap.Push(&s.queue, event{at: s.at, serial: s.serial, order: true})
}

// Next gives the next event; false when the last order is delivered.
func (s *Simulator) Next() (Record, bool) {
	if len(s.queue) == 0 {
		return Record{}, false
	}
	e := heap.Pop(&s.queue).(event)
	record := e.record
	if e.order {
		record = s.newOrder(e.at)
		s.schedule()
	}
	s.ledger.add(&record)
	return record, true
}

// Ledger is what the records given so far amount to. It grows with further calls of Next.
func (s *Simulator) Ledger() *Ledger { return s.ledger }

// Peek gives the time of the next event.
func (s *Simulator) Peek() (time.Time, bool) {
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].at, true
}

// newOrder makes an order and everything that follows from it.
func (s *Simulator) newOrder(at time.Time) Record {
	s.orders++
	id := s.uuid()
	user := s.rng.IntN(users)
	home := s.homes[user]
	created := at.Format(timeFormat)
	var total facts
	items := []byte{'['}
	for i := range 1 + s.rng.IntN(maxItems) {
		n := s.rng.IntN(len(products))
		p, quantity := products[n], int64(1+s.rng.IntN(maxQuantity))
		total.cents += p.cents * quantity
		total.quantity += quantity
		total.lines++
		if i > 0 {
			items = append(items, ',')
		}
		items = fmt.Appendf(items, `{"productId": "%d", "quantity": %d, "price": %s}`, n+1, quantity, money(p.cents))
		s.push(at, TopicItems, id, fmt.Appendf(nil, `{"orderId": "%s", "createdAt": "%s", "product": {"id": "%d", "name": %q, "category": %q, `+
			`"image": "https://pizza.example/menu/%d.jpg", "price": %s}, "orderItem": {"productId": "%d", "quantity": %d, "price": %s}}`,
			id, created, n+1, p.name, p.category, n+1, money(p.cents), n+1, quantity, money(p.cents)), facts{cents: p.cents * quantity, quantity: quantity, lines: 1})
	}
	items = append(items, ']')
	s.follow(id, at, home)
	value := fmt.Appendf(nil, `{"id": "%s", "createdAt": "%s", "userId": %d, "price": %s, "items": %s, "deliveryLat": "%s", "deliveryLon": "%s"}`,
		id, created, user+1, money(total.cents), items, degrees(home[0]), degrees(home[1]))
	return Record{Topic: TopicOrders, Key: id, Value: value, Time: at, IsNew: true, facts: total}
}

// follow schedules an order's statuses and its driver's way.
func (s *Simulator) follow(id string, at time.Time, home [2]float64) {
	var out, delivered time.Time
	for i, status := range statuses {
		if i > 0 {
			at = at.Add(time.Duration(2+s.rng.IntN(12))*time.Second + time.Duration(s.rng.IntN(1e6))*time.Microsecond)
		}
		s.push(at, TopicStatuses, id, fmt.Appendf(nil, `{"id": "%s", "updatedAt": "%s", "status": "%s"}`, id, at.Format(timeFormat), status), facts{status: status})
		switch status {
		case "OUT_FOR_DELIVERY":
			out = at
		case "DELIVERED":
			delivered = at
		}
	}
	bend := (s.rng.Float64()*2 - 1) * 0.2 // drivers do not fly: the way bows to one side
	way := delivered.Sub(out).Seconds()
	for t := out; t.Before(delivered); t = t.Add(position) {
		done := t.Sub(out).Seconds() / way
		side := bend * math.Sin(math.Pi*done)
		lat := shopLat + (home[0]-shopLat)*done - (home[1]-shopLon)*side
		lon := shopLon + (home[1]-shopLon)*done + (home[0]-shopLat)*side
		s.delivery(id, t, lat, lon, "IN_TRANSIT")
	}
	s.delivery(id, delivered, home[0], home[1], "DELIVERED")
}

func (s *Simulator) delivery(id string, at time.Time, lat, lon float64, status string) {
	s.push(at, TopicDeliveries, id, fmt.Appendf(nil, `{"id": "%s", "updatedAt": "%s", "deliveryLat": "%s", "deliveryLon": "%s", "status": "%s"}`,
		id, at.Format(timeFormat), degrees(lat), degrees(lon), status), facts{status: status})
}

func (s *Simulator) uuid() string {
	a, b := s.rng.Uint64(), s.rng.Uint64()
	a = a&^0xf000 | 0x4000
	b = b&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

// money writes cents as units with two decimals.
func money(cents int64) string {
	return strconv.FormatInt(cents/100, 10) + "." + string([]byte{byte('0' + cents/10%10), byte('0' + cents%10)})
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', 7, 64) }
