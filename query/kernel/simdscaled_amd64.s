//go:build goexperiment.simd

#include "textflag.h"

// Arguments, constants and sums of all functions: codes in DI, their number in R9 and R10, the reciprocal of the power in Z12 and
// Z13; integers are added up in Z8 and Z9, rests in Z10 and Z11.
#define ARGUMENTS \
	MOVQ         codes+0(FP), DI \
	MOVQ         n+8(FP), R9     \
	MOVQ         R9, R10         \
	VBROADCASTSD high+24(FP), Z12 \
	VBROADCASTSD low+32(FP), Z13 \
	VPXORQ       Z8, Z8, Z8      \
	VPXORQ       Z9, Z9, Z9      \
	VPXORQ       Z10, Z10, Z10   \
	VPXORQ       Z11, Z11, Z11

// SIXTEEN adds the integers in Z1 and Z2, and their rests, with unscaled values on the way.
#define SIXTEEN \
	VMULPD       Z13, Z1, Z3   \
	VMULPD       Z13, Z2, Z4   \
	VADDPD       Z1, Z8, Z8    \
	VADDPD       Z2, Z9, Z9    \
	VFMADD231PD  Z12, Z1, Z3   \
	VFMADD231PD  Z12, Z2, Z4   \
	VFNMADD231PD Z12, Z1, Z3   \
	VFNMADD231PD Z12, Z2, Z4   \
	VADDPD       Z3, Z10, Z10  \
	VADDPD       Z4, Z11, Z11

// BIASED makes integers of codes in 64 bits: Z14 is the bias with the base, Z15 the bias.
#define BIASED \
	VPADDQ Z14, Z1, Z1 \
	VPADDQ Z14, Z2, Z2 \
	VSUBPD Z15, Z1, Z1 \
	VSUBPD Z15, Z2, Z2

// LANES adds up the lanes of z and writes the sum; y and x are the same register.
#define LANES(z, y, x, to) \
	VEXTRACTF64X4 $1, z, Y1 \
	VADDPD        Y1, y, y  \
	VEXTRACTF128  $1, y, X1 \
	VADDPD        X1, x, x  \
	VUNPCKHPD     x, x, X1  \
	VADDSD        X1, x, x  \
	VMOVSD        x, to

// func sumScaledBytes(codes *uint8, n int, biased, high, low, bias float64) (integers, rests float64)
TEXT ·sumScaledBytes(SB), NOSPLIT, $0-64
	ARGUMENTS
	VBROADCASTSD biased+16(FP), Z14
	VBROADCASTSD bias+40(FP), Z15

next:
	PREFETCHT0 (DI)(R10*1)
	VPMOVZXBQ  (DI), Z1
	VPMOVZXBQ  8(DI), Z2
	BIASED
	SIXTEEN
	ADDQ       $16, DI
	SUBQ       $16, R9
	JNZ        next
	VADDPD     Z9, Z8, Z8
	VADDPD     Z11, Z10, Z10
	LANES(Z8, Y8, X8, integers+48(FP))
	LANES(Z10, Y10, X10, rests+56(FP))
	VZEROUPPER
	RET

// func sumScaledShorts(codes *uint16, n int, biased, high, low, bias float64) (integers, rests float64)
TEXT ·sumScaledShorts(SB), NOSPLIT, $0-64
	ARGUMENTS
	VBROADCASTSD biased+16(FP), Z14
	VBROADCASTSD bias+40(FP), Z15

next:
	PREFETCHT0 (DI)(R10*2)
	VPMOVZXWQ  (DI), Z1
	VPMOVZXWQ  16(DI), Z2
	BIASED
	SIXTEEN
	ADDQ       $32, DI
	SUBQ       $16, R9
	JNZ        next
	VADDPD     Z9, Z8, Z8
	VADDPD     Z11, Z10, Z10
	LANES(Z8, Y8, X8, integers+48(FP))
	LANES(Z10, Y10, X10, rests+56(FP))
	VZEROUPPER
	RET

// func sumScaledWords(codes *uint32, n int, base, high, low float64) (integers, rests float64)
TEXT ·sumScaledWords(SB), NOSPLIT, $0-56
	ARGUMENTS
	VBROADCASTSD base+16(FP), Z14

next:
	PREFETCHT0 (DI)(R10*4)
	VCVTUDQ2PD (DI), Z1
	VCVTUDQ2PD 32(DI), Z2
	VADDPD     Z14, Z1, Z1
	VADDPD     Z14, Z2, Z2
	SIXTEEN
	ADDQ       $64, DI
	SUBQ       $16, R9
	JNZ        next
	VADDPD     Z9, Z8, Z8
	VADDPD     Z11, Z10, Z10
	LANES(Z8, Y8, X8, integers+40(FP))
	LANES(Z10, Y10, X10, rests+48(FP))
	VZEROUPPER
	RET
