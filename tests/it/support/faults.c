/* A disk that can be full and a clock that can be wrong, for one program and its children.
 *
 * The program is started with this library in LD_PRELOAD, so that these functions stand in front of those of the
 * system. FAULTS names a folder:
 *
 *   full    while this file exists, a write that would make a file larger gets ENOSPC, as on a disk with no free block;
 *   clock   while this file exists, the time of day is ahead by as many seconds as it says.
 *
 * A small file system would do the first too, but mounting one takes rights that neither every developer's machine nor
 * every build machine gives; and nothing else than this turns back the clock of a single program. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Writes the path of a sign, and gives whether it is there. */
static int sign(const char *name, char *path) {
    const char *folder = getenv("FAULTS");
    return folder && snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX && access(path, F_OK) == 0;
}

/* Whether the disk has no room for this file to end there; sets errno then. Pipes and sockets are not on a disk. */
static int no_room(int fd, off_t end) {
    char path[PATH_MAX];
    struct stat file;
    int before = errno;
    int full = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && end > file.st_size && sign("full", path);
    errno = full ? ENOSPC : before;
    return full;
}

/* Where the next write without a place of its own goes; -1 when it goes to no file. */
static off_t place(int fd) {
    int before = errno;
    off_t at = lseek(fd, 0, (fcntl(fd, F_GETFL) & O_APPEND) ? SEEK_END : SEEK_CUR);
    errno = before;
    return at;
}

static off_t length(const struct iovec *parts, int count) {
    off_t all = 0;
    for (int nth = 0; nth < count; nth++) {
        all += parts[nth].iov_len;
    }
    return all;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    off_t at = place(fd);
    return at >= 0 && no_room(fd, at + count) ? -1 : REAL(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return no_room(fd, at + count) ? -1 : REAL(pwrite)(fd, bytes, count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    return no_room(fd, at + length(parts, count)) ? -1 : REAL(pwritev)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t count) {
    return no_room(fd, at + count) ? ENOSPC : REAL(posix_fallocate)(fd, at, count);
}

/* The same functions under the names that programs with large files on 32 bits ask for. */
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    return no_room(fd, at + count) ? -1 : REAL(pwrite64)(fd, bytes, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    return no_room(fd, at + length(parts, count)) ? -1 : REAL(pwritev64)(fd, parts, count, at);
}

int posix_fallocate64(int fd, off64_t at, off64_t count) {
    return no_room(fd, at + count) ? ENOSPC : REAL(posix_fallocate64)(fd, at, count);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    char path[PATH_MAX];
    int failed = REAL(clock_gettime)(clock, time);
    if (!failed && clock == CLOCK_REALTIME && sign("clock", path)) {
        FILE *file = fopen(path, "r");
        long ahead = 0;
        if (file && fscanf(file, "%ld", &ahead) == 1) {
            time->tv_sec += ahead;
        }
        if (file) {
            fclose(file);
        }
    }
    return failed;
}
