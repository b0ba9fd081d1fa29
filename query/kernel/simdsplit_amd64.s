//go:build goexperiment.simd

#include "textflag.h"

// Arguments and constants of all functions: sums in AX, BX, CX and DX, groups in SI, values in DI, their number in R9, and the
// constant that splits them in Z0.
#define ARGUMENTS \
	MOVQ         a+0(FP), AX       \
	MOVQ         b+8(FP), BX       \
	MOVQ         c+16(FP), CX      \
	MOVQ         d+24(FP), DX      \
	MOVQ         groups+32(FP), SI \
	MOVQ         values+40(FP), DI \
	MOVQ         n+48(FP), R9      \
	VBROADCASTSD m+56(FP), Z0

// Of scaled values: the base in Z11, the reciprocal of the power as two doubles in Z12 and Z13.
#define SCALE \
	VBROADCASTSD base+64(FP), Z11 \
	VBROADCASTSD high+72(FP), Z12 \
	VBROADCASTSD low+80(FP), Z13

// UNSCALE makes eight values in Z1 of the codes in Y1, as unscaled does.
#define UNSCALE \
	VCVTUDQ2PD  Y1, Z1      \
	VADDPD      Z11, Z1, Z1 \
	VMULPD      Z13, Z1, Z3 \
	VFMADD213PD Z3, Z12, Z1

// ROW adds the pair in x to that of the group at offset in groups, of the copy at sums.
#define ROW(offset, sums, x) \
	MOVL    offset(SI), R8     \
	SHLQ    $4, R8             \
	VADDPD  (sums)(R8*1), x, x \
	VMOVUPD x, (sums)(R8*1)

// EIGHT adds the values in Z1: their high parts (Z2) and rests beside each other make pairs 0, 2, 4 and 6 in Z3, the others in Z4.
#define EIGHT \
	VADDPD        Z0, Z1, Z2 \
	VSUBPD        Z0, Z2, Z2 \
	VSUBPD        Z2, Z1, Z1 \
	VUNPCKLPD     Z1, Z2, Z3 \
	VUNPCKHPD     Z1, Z2, Z4 \
	VEXTRACTF64X2 $1, Z3, X5 \
	VEXTRACTF64X2 $1, Z4, X6 \
	VEXTRACTF64X2 $2, Z3, X7 \
	VEXTRACTF64X2 $2, Z4, X8 \
	VEXTRACTF64X2 $3, Z3, X9 \
	VEXTRACTF64X2 $3, Z4, X10 \
	ROW(0, AX, X3)           \
	ROW(4, BX, X4)           \
	ROW(8, CX, X5)           \
	ROW(12, DX, X6)          \
	ROW(16, AX, X7)          \
	ROW(20, BX, X8)          \
	ROW(24, CX, X9)          \
	ROW(28, DX, X10)         \
	ADDQ          $32, SI

// func addSplit(a, b, c, d *Pair, groups *uint32, values *float64, n int, m float64)
TEXT ·addSplit(SB), NOSPLIT, $0-64
	ARGUMENTS

next:
	VMOVUPD (DI), Z1
	EIGHT
	ADDQ    $64, DI
	SUBQ    $8, R9
	JNZ     next
	VZEROUPPER
	RET

// func addScaledBytes(a, b, c, d *Pair, groups *uint32, values *uint8, n int, m, base, high, low float64)
TEXT ·addScaledBytes(SB), NOSPLIT, $0-88
	ARGUMENTS
	SCALE
	MOVQ R9, R10

next:
	PREFETCHT0 (DI)(R10*1)
	VPMOVZXBD  (DI), Y1
	UNSCALE
	EIGHT
	ADDQ       $8, DI
	SUBQ       $8, R9
	JNZ        next
	VZEROUPPER
	RET

// func addScaledShorts(a, b, c, d *Pair, groups *uint32, values *uint16, n int, m, base, high, low float64)
TEXT ·addScaledShorts(SB), NOSPLIT, $0-88
	ARGUMENTS
	SCALE
	MOVQ R9, R10

next:
	PREFETCHT0 (DI)(R10*2)
	VPMOVZXWD  (DI), Y1
	UNSCALE
	EIGHT
	ADDQ       $16, DI
	SUBQ       $8, R9
	JNZ        next
	VZEROUPPER
	RET

// func addScaledWords(a, b, c, d *Pair, groups *uint32, values *uint32, n int, m, base, high, low float64)
TEXT ·addScaledWords(SB), NOSPLIT, $0-88
	ARGUMENTS
	SCALE
	MOVQ R9, R10

next:
	PREFETCHT0 (DI)(R10*4)
	VMOVDQU    (DI), Y1
	UNSCALE
	EIGHT
	ADDQ       $32, DI
	SUBQ       $8, R9
	JNZ        next
	VZEROUPPER
	RET
