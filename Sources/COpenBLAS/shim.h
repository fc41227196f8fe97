// The system's OpenBLAS (CBLAS) and LAPACKE. On Debian these are two libraries: `libopenblas-dev` has CBLAS and
// the Fortran LAPACK, `liblapacke-dev` has the C interface. `cblas.h` here is OpenBLAS's own, found through
// pkg-config, so that `openblas_set_num_threads` is declared.
#pragma once
#include <cblas.h>
#include <lapacke.h>
