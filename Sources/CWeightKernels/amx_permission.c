// Whether AMX may be used: the processor must have it, the system must save its tiles, and on Linux a process must ask.

#if defined(__x86_64__)

#include "blocks.h"

#if defined(__linux__)

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/// arch_prctl's request for a part of the processor's state, and the number of the tiles' data.
enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };

int headsteer_may_use_amx(void) {
    // The bits of leaf 7 for tiles and for their 8-bit integers.
    const unsigned needed = 1u << 24 | 1u << 25;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & needed) != needed) return 0;
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

#else

int headsteer_may_use_amx(void) { return 0; }

#endif

#endif
