// Only what is used of LAPACK is declared: the full header is large and its complex types are not
// those of Swift. Signatures from the LAPACKE guide, LAPACK 3.11, and the reference BLAS.
#ifndef LONGWAVE_LAPACK_SHIM_H
#define LONGWAVE_LAPACK_SHIM_H
#define LONGWAVE_COLUMN_MAJOR 102
int LAPACKE_dgesdd(int layout, char jobz, int m, int n, double *a, int lda, double *s, double *u,
                   int ldu, double *vt, int ldvt);
int LAPACKE_dsyevd(int layout, char jobz, char uplo, int n, double *a, int lda, double *w);
int LAPACKE_dgeev(int layout, char jobvl, char jobvr, int n, double *a, int lda, double *wr,
                  double *wi, double *vl, int ldvl, double *vr, int ldvr);
int LAPACKE_dgelsd(int layout, int m, int n, int nrhs, double *a, int lda, double *b, int ldb,
                   double *s, double rcond, int *rank);
int LAPACKE_dgeqrf(int layout, int m, int n, double *a, int lda, double *tau);
int LAPACKE_dormqr(int layout, char side, char trans, int m, int n, int k, const double *a,
                   int lda, const double *tau, double *c, int ldc);
int LAPACKE_dorgqr(int layout, int m, int n, int k, double *a, int lda, const double *tau);
int LAPACKE_dposv(int layout, char uplo, int n, int nrhs, double *a, int lda, double *b, int ldb);
void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k,
            const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
            const double *beta, double *c, const int *ldc);

// A BLAS with threads of its own would compete with those of the library, and its sums would
// depend on their number. OpenBLAS is told to use none; others have no such function.
extern void openblas_set_num_threads(int) __attribute__((weak));
// 0 for the build without threads, whose buffers are not safe from several callers either.
extern int openblas_get_parallel(void) __attribute__((weak));
static inline void longwave_single_threaded_blas(void) {
  if (openblas_set_num_threads) openblas_set_num_threads(1);
}
static inline int longwave_blas_takes_turns(void) {
  return openblas_get_parallel && openblas_get_parallel() == 0;
}
#endif
