//go:build goexperiment.simd && amd64

#include "textflag.h"

// func prefetch(base unsafe.Pointer, offset uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ base+0(FP), AX
	ADDQ offset+8(FP), AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	PREFETCHT0 128(AX)
	PREFETCHT0 192(AX)
	PREFETCHT0 256(AX)
	PREFETCHT0 320(AX)
	PREFETCHT0 384(AX)
	PREFETCHT0 448(AX)
	PREFETCHT0 512(AX)
	PREFETCHT0 576(AX)
	PREFETCHT0 640(AX)
	PREFETCHT0 704(AX)
	PREFETCHT0 768(AX)
	PREFETCHT0 832(AX)
	PREFETCHT0 896(AX)
	PREFETCHT0 960(AX)
	RET

// func prefetchAll(addresses []uintptr)
TEXT ·prefetchAll(SB), NOSPLIT, $0-24
	MOVQ addresses_base+0(FP), SI
	MOVQ addresses_len+8(FP), CX
	LEAQ (SI)(CX*8), CX
next:
	CMPQ SI, CX
	JAE  done
	MOVQ (SI), AX
	PREFETCHT0 (AX)
	ADDQ $8, SI
	JMP  next
done:
	RET
