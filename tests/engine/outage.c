/* Preloaded into a process: reading below OUTAGE_ROOT fails with EIO from the first to the last of a window of calls. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096
static char below[FILES];
static long count, first, last;

void outage_window(long from, long to) { count = 0; first = from; last = to; }
long outage_count(void) { return count; }

static int is_below(const char *path) {
    const char *root = getenv("OUTAGE_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int fails(void) {
    count++;
    return count >= first && count < last;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int noted(int handle, int inside) {
    if (handle >= 0 && handle < FILES) below[handle] = (char)inside;
    return handle;
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        va_list more; va_start(more, flags);                              \
        int mode = va_arg(more, int); va_end(more);                       \
        int inside = is_below(path);                                      \
        if (inside && fails()) { errno = EIO; return -1; }                \
        return noted(NEXT(name)(path, flags, mode), inside);              \
    }
OPEN(open)
OPEN(open64)

DIR *opendir(const char *path) {
    if (is_below(path) && fails()) { errno = EIO; return NULL; }
    return NEXT(opendir)(path);
}

int close(int handle) { noted(handle, 0); return NEXT(close)(handle); }

ssize_t read(int handle, void *buffer, size_t size) {
    if (handle >= 0 && handle < FILES && below[handle] && fails()) { errno = EIO; return -1; }
    return NEXT(read)(handle, buffer, size);
}

ssize_t pread64(int handle, void *buffer, size_t size, off64_t place) {
    if (handle >= 0 && handle < FILES && below[handle] && fails()) { errno = EIO; return -1; }
    return NEXT(pread64)(handle, buffer, size, place);
}
