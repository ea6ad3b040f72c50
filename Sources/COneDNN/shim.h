// Only the matrix product of oneDNN is used, so only that is declared: its full header is C++
// flavoured and large. Signature from the oneDNN 2.6 developer guide, "Matrix multiplication".
#ifndef LONGWAVE_ONEDNN_SHIM_H
#define LONGWAVE_ONEDNN_SHIM_H
#include <stdint.h>
int dnnl_sgemm(char transa, char transb, int64_t M, int64_t N, int64_t K, float alpha,
               const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
               int64_t ldc);
#endif
