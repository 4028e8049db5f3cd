// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/ioctl.h>
#include <sys/mount.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int weft_execvpe(const char *file, char *const argv[], char *const envp[]) {
    return execvpe(file, argv, envp);
}
int weft_mount(const char *source, const char *target, const char *type, unsigned long flags) {
    return mount(source, target, type, flags, NULL);
}
int weft_unmount(const char *target) { return umount2(target, MNT_DETACH); }
const unsigned long weft_mount_recursive_slave = MS_REC | MS_SLAVE;
const unsigned long weft_mount_safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
int weft_control_terminal(int fd) { return ioctl(fd, TIOCSCTTY, 0); }
int weft_set_window_size(int fd, unsigned short rows, unsigned short columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(fd, TIOCSWINSZ, &size);
}
int weft_window_size(int fd, unsigned short *rows, unsigned short *columns) {
    struct winsize size;
    int result = ioctl(fd, TIOCGWINSZ, &size);
    if (result == 0) *rows = size.ws_row, *columns = size.ws_col;
    return result;
}
int weft_terminal_open(void) { return posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC); }
int weft_terminal_unlock(int fd) { return unlockpt(fd); }
int weft_terminal_peer(int fd) { return ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC); }
