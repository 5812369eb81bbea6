#pragma once

#include <spawn.h>
#include <sys/types.h>

// System calls of Linux that Swift's Glibc does not show, because they need _GNU_SOURCE.

/// sync_file_range(2): begins to write a file's bytes to disk, and does not wait.
void coracle_begin_writeback(int descriptor, off_t offset, off_t count);

/// renameat2(2) with RENAME_NOREPLACE. Returns 0, or -1 with errno.
int coracle_rename_if_absent(const char *from, const char *to);

/// getdents64(2): fills the buffer with a directory's next entries. Returns their size, 0 at the end, -1 with errno.
ssize_t coracle_directory_entries(int descriptor, void *buffer, size_t size);

/// lgetxattr(2). Returns the attribute's size, or -1 with errno.
ssize_t coracle_attribute(const char *path, const char *name, void *buffer, size_t size);

/// memfd_create(2): a file in memory, closed when another program is executed. Returns its descriptor, or -1 with errno.
int coracle_memory_file(void);

/// pipe2(2): a pipe, read end first, closed when another program is executed. Returns 0, or -1 with errno.
int coracle_pipe(int ends[2]);

/// pidfd_open(2): a descriptor that becomes readable when the child process ends. Returns it, or -1 with errno.
int coracle_process_descriptor(pid_t process);

/// syncfs(2): waits until all that was written to the descriptor's file system is on disk. Returns 0, or -1 with errno.
int coracle_synchronize_file_system(int descriptor);

/// ioctl_ficlone(2): makes the file `to` share all bytes of the file `from` until one of them is written to. Returns 0, or -1
/// with errno.
int coracle_clone_file(int from, int to);

/// copy_file_range(2): copies bytes at the position of `to`. Returns how many, 0 at the end, or -1 with errno.
ssize_t coracle_copy_range(int from, off_t offset, int to, size_t count);

/// fstatfs(2): the number that the descriptor's kind of file system has (statfs(2), f_type), or -1 with errno.
long coracle_file_system_type(int descriptor);

/// posix_spawn_file_actions_addchdir_np(3): a child begins in `directory`. Returns 0, or the error's number.
int coracle_spawn_in(posix_spawn_file_actions_t *actions, const char *directory);
