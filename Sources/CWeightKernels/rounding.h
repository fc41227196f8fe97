// What roundings of all instruction sets share; rounding_template.h says what each defines.

#ifndef HEADSTEER_ROUNDING_H
#define HEADSTEER_ROUNDING_H

#include "blocks.h"

typedef int32_t four_integers __attribute__((vector_size(16)));

/// The largest number that three planes of -128...127 hold.
#define LARGEST_OF_THREE_PLANES 8355711.0f

#endif
