#define _GNU_SOURCE

#include "CLinux.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The Swift runtime of a static program asks /proc where it is, before `main`, and aborts without an answer. With any
   answer, the program comes to say itself that there is no /proc. */
__attribute__((constructor(101))) static void coracle_answer_the_runtime(void) {
    if (access("/proc/self/exe", F_OK) != 0) setenv("SWIFT_ROOT", "/", 0);
}

void coracle_begin_writeback(int descriptor, off_t offset, off_t count) {
    (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int coracle_rename_if_absent(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

ssize_t coracle_directory_entries(int descriptor, void *buffer, size_t size) {
    return getdents64(descriptor, buffer, size);
}

ssize_t coracle_attribute(const char *path, const char *name, void *buffer, size_t size) {
    return lgetxattr(path, name, buffer, size);
}

int coracle_memory_file(void) {
    return memfd_create("coracle", MFD_CLOEXEC);
}

int coracle_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int coracle_process_descriptor(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int coracle_synchronize_file_system(int descriptor) {
    return syncfs(descriptor);
}

int coracle_clone_file(int from, int to) {
    return ioctl(to, FICLONE, from);
}

ssize_t coracle_copy_range(int from, off_t offset, int to, size_t count) {
    return copy_file_range(from, &offset, to, NULL, count, 0);
}

long coracle_file_system_type(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 ? (long)status.f_type : -1;
}

int coracle_spawn_in(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}
