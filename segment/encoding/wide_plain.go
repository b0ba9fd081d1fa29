//go:build !goexperiment.simd || !amd64

package encoding

import "math"

func wideScaledRun([]float64, float64, float64, *float64, *float64) (done int) { return 0 }
func wideAppendScaled([]byte, int, float64, int64, []float64) (done int)       { return 0 }
func wideAppendOffsets([]byte, int, int64, []int64) (done int)                 { return 0 }
func wideAppendCodes([]byte, int, []uint32) (done int)                         { return 0 }
func wideDoubleRange([]float64) (done int, low, high float64)                  { return 0, math.Inf(1), math.Inf(-1) }
