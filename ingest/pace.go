package ingest

import "runtime"

// Pace. The loop and the sealer share processors. Where there are fewer of them than there is work, a loop that has a
// backlog of records would take most: it works through a chunk at a time, the sealer through a block of one column. Frozen
// segments would pile up to their bound, each in fresh memory, instead of one or two whose memory the next one takes.
const (
	// turnsPerSegment is how many steps of a build the loop lets go first after each chunk, per frozen segment beyond the
	// one being built: about as many as keep the builds of a table of a dozen columns up with the loop.
	turnsPerSegment = 8
	maxTurns        = 32
)

// giveWay lets a sealer that is behind have its turns. With a processor to spare it costs next to nothing.
func (c *Consumer) giveWay() {
	c.mu.Lock()
	behind := c.mu.frozen - 1
	c.mu.Unlock()
	for range min(behind*turnsPerSegment, maxTurns) {
		runtime.Gosched()
	}
}
