// SPDX-License-Identifier: Apache-2.0
//
// What Swift's Glibc module does not import: variadic calls, function-like macros, fork and a few
// structures of the kernel's own headers. One line each, no logic.
#ifndef WEFT_CLINUX_H
#define WEFT_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

// netinet/in.h must come before any linux/ header: both define in6_addr.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline pid_t weft_fork(void) { return fork(); }

#endif
