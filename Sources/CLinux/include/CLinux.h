// SPDX-License-Identifier: Apache-2.0
//
// What Swift's Glibc module does not import: variadic calls, functions that only _GNU_SOURCE shows,
// fork. One line each, no logic.
//
// This header defines no feature macro and leaves the C library's headers to the Glibc module: with
// _GNU_SOURCE in one of two modules the same structures would have two shapes.
#ifndef WEFT_CLINUX_H
#define WEFT_CLINUX_H

#include <linux/capability.h>
#include <linux/kvm.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

// All return -1 and set errno where the call fails.
pid_t weft_fork(void);
int weft_unshare(int flags);
int weft_setns(int fd, int kind);
int weft_pipe2(int fds[2], int flags);
int weft_close_range(unsigned first, unsigned last, int flags);
int weft_accept(int fd, int flags);
int weft_pidfd_open(pid_t pid);
int weft_prctl(int option, unsigned long argument);
// The calling thread's capabilities, 64 of them.
int weft_capget(struct __user_cap_data_struct set[2]);
int weft_capset(const struct __user_cap_data_struct set[2]);
// Programs that this thread becomes keep the capability, which must be inheritable.
int weft_raise_ambient(unsigned long capability);
// events: struct epoll_event[capacity]; timeout: NULL waits for ever.
int weft_epoll_wait(int fd, void *events, int capacity, const int64_t *timeout_ns);

// Processes, mounts and terminals (process.c).
int weft_execvpe(const char *file, char *const argv[], char *const envp[]);
int weft_mount(const char *source, const char *target, const char *type, unsigned long flags);
// Lazily: the mount goes away when its last user does.
int weft_unmount(const char *target);
extern const unsigned long weft_mount_recursive_slave, weft_mount_safe;
int weft_terminal_open(void);
int weft_terminal_unlock(int fd);
int weft_terminal_peer(int fd);
int weft_control_terminal(int fd);
int weft_set_window_size(int fd, unsigned short rows, unsigned short columns);
int weft_window_size(int fd, unsigned short *rows, unsigned short *columns);

// The microVM, on both of its sides (machine.c).
int weft_mount_with(
    const char *source, const char *target, const char *type, unsigned long flags,
    const char *options);
extern const unsigned long weft_mount_move, weft_mount_read_only;
int weft_load_module(int fd, const char *parameters);
int weft_restart(void);
int weft_memory_file(const char *name);
// A file without a name in a directory, which goes with its last user unless it is given one.
int weft_nameless_file(const char *directory, unsigned mode);
int weft_name_file(int fd, const char *path);
// The processor's time stamp counter; 0 on processors other than x86.
uint64_t weft_cycles(void);
// The words of the command line, this program's name among them.
int weft_argument_count(void);
const char *weft_argument(int index);
// Calls body with the path of every file that the dynamic linker loaded; "" is the program itself.
void weft_each_library(void (*body)(const char *name, void *context), void *context);
int weft_ioctl(int fd, unsigned long request, unsigned long argument);
extern const unsigned long weft_kvm_get_api_version, weft_kvm_create_vm, weft_kvm_create_vcpu,
    weft_kvm_get_vcpu_mmap_size, weft_kvm_set_memory, weft_kvm_get_sregs, weft_kvm_set_sregs,
    weft_kvm_set_regs, weft_kvm_run;

#endif
