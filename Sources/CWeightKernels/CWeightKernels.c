#include "CWeightKernels.h"
