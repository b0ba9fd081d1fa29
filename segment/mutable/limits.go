package mutable

// Limits of a consuming segment. Appends beyond them are refused as a whole.
const (
	// MaxRows keeps row numbers, codes and offsets far from 32 bits; segments are frozen at about a million rows.
	MaxRows = 1 << 28
	// MaxValueBytes bounds one string, JSON text or octet value: records of a stream are smaller.
	MaxValueBytes = 64 << 20
	// MaxRowElements bounds one multi-value cell.
	MaxRowElements = 1 << 20
	// maxDictBytes is what 32-bit offsets of a dictionary can address.
	maxDictBytes = 1<<32 - 1
	// maxDictEntries leaves room for the code + 1 of the hash table.
	maxDictEntries = 1<<32 - 2
	// maxPages is what the upper half of a raw string's location can address.
	maxPages = 1<<32 - 1
)

// A column leaves its dictionary, for rows that come later, once values hardly repeat or take too much memory.
const (
	dictTrialValues = 8192      // values seen before a judgement of almost unique ones
	dictSureValues  = 65_536    // values seen before a stricter one: of a skewed column the first thousands are mostly new
	dictKeepBytes   = 128 << 20 // of distinct values
)

// Plausible event times, 1971 to 2071 UTC in milliseconds: a row outside does not take part in pruning.
const (
	plausibleFrom = 31536000000
	plausibleTo   = 3187296000000
)
