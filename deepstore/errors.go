package deepstore

import (
	"errors"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// Errors that callers test for with errors.Is.
var (
	// ErrExists: an object with another size is stored under the key.
	ErrExists = errors.New("object exists")
	// ErrNotFound: there is no such object.
	ErrNotFound = errors.New("object not found")
)

// Limits of keys: S3 allows 1,024 bytes, file systems 255 per element; a temporary suffix has to fit too.
const (
	MaxKeyBytes     = 900
	MaxElementBytes = 200
)

// ReservedElement is what elements of keys may not begin with: backends name temporary files so.
const ReservedElement = ".tmp-"

// CheckKey accepts keys that every backend can store and that cannot leave the bucket: slash-separated, none of the
// elements empty, "." or "..", only letters, digits and the characters !-_.*'()=+@,~% of ASCII, within the limits.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKeyBytes {
		return badKey(key, "it has %d bytes, want 1 to %d", len(key), MaxKeyBytes)
	}
	for element := range strings.SplitSeq(key, "/") {
		switch {
		case element == "":
			return badKey(key, "it has an empty element")
		case element == "." || element == "..":
			return badKey(key, "element %q is not allowed", element)
		case len(element) > MaxElementBytes:
			return badKey(key, "an element has %d bytes, at most %d are allowed", len(element), MaxElementBytes)
		case strings.HasPrefix(element, ReservedElement):
			return badKey(key, "elements that begin with %q are reserved", ReservedElement)
		}
		for i := range len(element) {
			if !keyByte(element[i]) {
				return badKey(key, "byte %q is not allowed", element[i])
			}
		}
	}
	return nil
}

// CheckPrefix accepts what List may be asked for: "" or the beginning of a valid key.
func CheckPrefix(prefix string) error {
	trimmed := strings.TrimSuffix(prefix, "/")
	if trimmed == "" && prefix == "" {
		return nil
	}
	return CheckKey(trimmed)
}

func keyByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return strings.IndexByte("!-_.*'()=+@,~%", c) >= 0
}

func badKey(key, format string, args ...any) error {
	return errs.User(errs.InvalidParameterValue, "object key %.200q is not valid", key).WithDetail(format, args...)
}

// Exists makes the error of a Put whose key holds another object.
func Exists(key string) error {
	return errs.User(errs.DuplicateObject, "object %q exists with other content; objects are never overwritten", key).Wrap(ErrExists)
}

// NotFound makes the error of an Open of a missing object.
func NotFound(key string) error {
	return errs.User(errs.UndefinedObject, "object %q does not exist", key).Wrap(ErrNotFound)
}
