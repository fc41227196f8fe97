// In C, since a signal handler may call very little, and nothing that allocates: what Swift does behind a line of code is
// not for its author to say.

#define _GNU_SOURCE

#include "CLostFiles.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static int exit_status;
static int is_terminal;
static struct sigaction previous;
static atomic_flag is_reported = ATOMIC_FLAG_INIT;

/// A line in the making; what is too long for it is left out.
struct line {
    char text[4096 + 512];
    size_t count;
};

static void append_character(struct line *line, char c) {
    // Names of files can hold anything.
    if (line->count + 1 < sizeof line->text) line->text[line->count++] = (unsigned char)c < 32 || c == 127 ? ' ' : c;
}

static void append(struct line *line, const char *text) {
    while (*text) append_character(line, *text++);
}

#if defined(__linux__)

/// Reads a file byte by byte.
struct bytes {
    int descriptor;
    char buffer[1024];
    ssize_t count, next;
};

/// The next byte, or -1 at the end.
static int next_byte(struct bytes *bytes) {
    if (bytes->next == bytes->count) {
        bytes->count = read(bytes->descriptor, bytes->buffer, sizeof bytes->buffer);
        bytes->next = 0;
        if (bytes->count <= 0) return bytes->count = 0, -1;
    }
    return (unsigned char)bytes->buffer[bytes->next++];
}

/// A hexadecimal number, and the byte after it.
static uintptr_t next_number(struct bytes *bytes, int *after) {
    uintptr_t number = 0;
    for (;;) {
        const int c = next_byte(bytes);
        if (c >= '0' && c <= '9') {
            number = number << 4 | (uintptr_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            number = number << 4 | (uintptr_t)(c - 'a' + 10);
        } else {
            *after = c;
            return number;
        }
    }
}

/// Appends the path of the file that is mapped at an address. Returns 0 where there is none.
static int append_path(struct line *line, const void *address) {
    struct bytes maps = {.descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    if (maps.descriptor < 0) return 0;
    int c = 0, is_found = 0;
    // Each line is START-END FLAGS OFFSET DEVICE INODE and, for files, spaces and the path.
    while (c >= 0 && !is_found) {
        const uintptr_t start = next_number(&maps, &c), end = next_number(&maps, &c);
        const int is_here = start <= (uintptr_t)address && (uintptr_t)address < end;
        while (c >= 0 && c != '\n' && c != '/') c = next_byte(&maps);
        is_found = is_here && c == '/';
        for (; c >= 0 && c != '\n'; c = next_byte(&maps)) {
            if (is_found) append_character(line, (char)c);
        }
        if (is_here && !is_found) break;
    }
    close(maps.descriptor);
    return is_found;
}

#else

static int append_path(struct line *line, const void *address) {
    (void)address;
    append(line, "a file that is mapped into memory");
    return 1;
}

#endif

static void handle(int signal, siginfo_t *info, void *context) {
    (void)context;
    struct line line = {.count = 0};
    if (is_terminal) line.text[line.count++] = '\n';  // a progress bar may stand there
    append(&line, "error: data that were cut off or became unreadable while they were in use, in ");
    if (info->si_code != BUS_ADRERR || !append_path(&line, info->si_addr)) {
        // Not ours to explain: what was there before takes it, when the same instruction fails again, or at once where
        // another process sent it.
        sigaction(signal, &previous, NULL);
        if (info->si_code <= 0) raise(signal);
        return;
    }
    // Other threads may be here too.
    while (atomic_flag_test_and_set(&is_reported)) pause();
    append(&line, "; leave files alone while they are read, and replace them by renaming others to their names");
    line.text[line.count++] = '\n';
    for (size_t start = 0; start < line.count;) {
        const ssize_t written = write(STDERR_FILENO, line.text + start, line.count - start);
        if (written <= 0) break;
        start += (size_t)written;
    }
    _exit(exit_status);
}

void headsteer_exit_when_files_are_lost(int status) {
    exit_status = status;
    is_terminal = isatty(STDERR_FILENO);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}
