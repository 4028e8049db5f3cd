// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

pid_t weft_fork(void) { return fork(); }
int weft_unshare(int flags) { return unshare(flags); }
int weft_setns(int fd, int kind) { return setns(fd, kind); }
int weft_pipe2(int fds[2], int flags) { return pipe2(fds, flags); }
int weft_close_range(unsigned first, unsigned last, int flags) {
    return close_range(first, last, flags);
}
int weft_accept(int fd, int flags) { return accept4(fd, NULL, NULL, flags); }
int weft_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int weft_prctl(int option, unsigned long argument) { return prctl(option, argument, 0, 0, 0); }
int weft_capget(struct __user_cap_data_struct set[2]) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)syscall(SYS_capget, &header, set);
}
int weft_capset(const struct __user_cap_data_struct set[2]) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)syscall(SYS_capset, &header, set);
}
int weft_raise_ambient(unsigned long capability) {
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}
int weft_epoll_wait(int fd, void *events, int capacity, const int64_t *timeout_ns) {
    struct timespec time = {0, 0};
    if (timeout_ns) time = (struct timespec){*timeout_ns / 1000000000, *timeout_ns % 1000000000};
    return epoll_pwait2(fd, events, capacity, timeout_ns ? &time : NULL, NULL);
}
