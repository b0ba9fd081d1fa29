package segment

// Info identifies and measures a sealed segment: what the cluster's record of it needs.
type Info struct {
	Name        string
	Table       string
	Incarnation string
	Partition   int32
	Sequence    int64
	// StartOffset is the first stream offset covered, EndOffset the last one + 1.
	StartOffset, EndOffset       int64
	SchemaVersion, ConfigVersion int
	CreatedMillis                int64
	Rows                         int
	// Bytes is the size of the file.
	Bytes int64
	// CRC is the CRC-32C of the table of contents and the footer, which hold those of every section: files of equal
	// Bytes and CRC are equal.
	CRC uint32
	// MinMillis and MaxMillis span the time column over plausible rows; only where HasTime.
	MinMillis, MaxMillis int64
	HasTime              bool
}
