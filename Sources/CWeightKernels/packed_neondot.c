// Products of packed weights on AArch64 processors with dot products of bytes (FEAT_DotProd).

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "packed_neon.h"

#include "packed_neondot.h"

#define PANELS_DOT headsteer_neondot_panels_dot
#include "packed_products.h"

#pragma clang attribute pop

#endif
