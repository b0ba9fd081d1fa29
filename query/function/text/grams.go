package text

import (
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxGramLength bounds the lengths that prefixes, suffixes and n-grams may ask for, in characters.
const maxGramLength = 4096

// grams are functions that give parts of a text as an array.
func grams() []function.Scalar {
	array := catalog.String.Array()
	affix := func(name, doc, example string, atEnd bool) function.Scalar {
		args := []catalog.Type{catalog.String, catalog.Long}
		return function.Scalar{Name: name, Family: family, Signature: name + "(s, n)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: args, Type: array, Fallible: true, Eval: affixes(atEnd)})}
	}
	with := func(name, doc, example string, atEnd bool) function.Scalar {
		args := []catalog.Type{catalog.String, catalog.Long, catalog.String}
		return function.Scalar{Name: name, Family: family, Signature: name + "(s, n, mark)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: args, Type: array, Fallible: true, Eval: affixes(atEnd)})}
	}
	return []function.Scalar{
		affix("prefixes", "The first 1, 2, ... n characters of s.", "arrayToString(prefixes('abc', 2), ' ') = 'a ab'", false),
		affix("suffixes", "The last 1, 2, ... n characters of s.", "arrayToString(suffixes('abc', 2), ' ') = 'c bc'", true),
		with("prefixesWithPrefix", "prefixes, each with a mark before it.", "arrayToString(prefixesWithPrefix('abc', 2, '^'), ' ') = '^a ^ab'", false),
		with("suffixesWithSuffix", "suffixes, each with a mark behind it.", "arrayToString(suffixesWithSuffix('abc', 2, '$'), ' ') = 'c$ bc$'", true),
		{Name: "uniqueNgrams", Family: family, Signature: "uniqueNgrams(s, n) or uniqueNgrams(s, low, high)", Doc: "The different runs of n, or of low to high, characters in s.",
			Example: "arrayToString(uniqueNgrams('abab', 2), ' ') = 'ab ba'", Bind: function.Overloads("uniqueNgrams",
				function.Overload{Args: []catalog.Type{catalog.String, catalog.Long}, Type: array, Fallible: true, Eval: ngrams},
				function.Overload{Args: []catalog.Type{catalog.String, catalog.Long, catalog.Long}, Type: array, Fallible: true, Eval: ngrams})},
	}
}

func checkLength(name string, n int64) error {
	if n > maxGramLength {
		return errs.User(errs.ProgramLimitExceeded, "%s: length %d is above %d", name, n, maxGramLength)
	}
	return nil
}

func affixes(atEnd bool) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, most, mark := function.View[string](args[0]), function.View[int64](args[1]), function.ConstSlice("")
		if len(args) == 3 {
			mark = function.View[string](args[2])
		}
		return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			text, count := s.At(i), most.At(i)
			if err := checkLength("prefixes and suffixes", count); err != nil {
				return dst, err
			}
			at := 0
			if atEnd {
				at = len(text)
			}
			for ; count > 0; count-- {
				if atEnd {
					_, size := utf8.DecodeLastRuneInString(text[:at])
					if at -= size; size == 0 {
						break
					}
					dst = append(dst, text[at:]+mark.At(i))
					continue
				}
				_, size := utf8.DecodeRuneInString(text[at:])
				if at += size; size == 0 {
					break
				}
				dst = append(dst, mark.At(i)+text[:at])
			}
			return dst, nil
		})
	}
}

func ngrams(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, low := function.View[string](args[0]), function.View[int64](args[1])
	high := function.View[int64](args[len(args)-1])
	seen := map[string]struct{}{}
	return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
		text := s.At(i)
		if err := checkLength("uniqueNgrams", high.At(i)); err != nil {
			return dst, err
		}
		clear(seen)
		for size := max(low.At(i), 1); size <= high.At(i); size++ {
			end := runeOffset(text, size)
			if int64(utf8.RuneCountInString(text[:end])) < size {
				break
			}
			for begin := 0; ; {
				gram := text[begin:end]
				if _, dup := seen[gram]; !dup {
					seen[gram] = struct{}{}
					dst = append(dst, gram)
				}
				if end == len(text) {
					break
				}
				_, a := utf8.DecodeRuneInString(text[begin:])
				_, b := utf8.DecodeRuneInString(text[end:])
				begin, end = begin+a, end+b
			}
		}
		return dst, nil
	})
}
