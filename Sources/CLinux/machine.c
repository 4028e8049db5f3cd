// SPDX-License-Identifier: Apache-2.0
// What the microVM needs, on both of its sides.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <link.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

int weft_mount_with(
    const char *source, const char *target, const char *type, unsigned long flags,
    const char *options) {
    return mount(source, target, type, flags, options);
}
const unsigned long weft_mount_move = MS_MOVE, weft_mount_read_only = MS_RDONLY;
int weft_load_module(int fd, const char *parameters) {
    return (int)syscall(SYS_finit_module, fd, parameters, 0);
}
int weft_restart(void) { return reboot(RB_AUTOBOOT); }
int weft_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
int weft_nameless_file(const char *directory, unsigned mode) {
    return open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}
int weft_name_file(int fd, const char *path) {
    char own[32];
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

struct each_library {
    void (*body)(const char *, void *);
    void *context;
};
static int each(struct dl_phdr_info *info, size_t size, void *context) {
    const struct each_library *each = context;
    (void)size;
    each->body(info->dlpi_name, each->context);
    return 0;
}
void weft_each_library(void (*body)(const char *name, void *context), void *context) {
    struct each_library all = {body, context};
    dl_iterate_phdr(each, &all);
}

int weft_ioctl(int fd, unsigned long request, unsigned long argument) {
    return ioctl(fd, request, argument);
}
const unsigned long weft_kvm_get_api_version = KVM_GET_API_VERSION,
                    weft_kvm_create_vm = KVM_CREATE_VM, weft_kvm_create_vcpu = KVM_CREATE_VCPU,
                    weft_kvm_get_vcpu_mmap_size = KVM_GET_VCPU_MMAP_SIZE,
                    weft_kvm_set_memory = KVM_SET_USER_MEMORY_REGION,
                    weft_kvm_get_sregs = KVM_GET_SREGS, weft_kvm_set_sregs = KVM_SET_SREGS,
                    weft_kvm_set_regs = KVM_SET_REGS, weft_kvm_run = KVM_RUN;

uint64_t weft_cycles(void) {
#if defined(__x86_64__)
    return __rdtsc();
#else
    return 0;
#endif
}

static int argument_count;
static char **argument_values;
// The C library gives constructors what it gives to main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    argument_values = values;
}
int weft_argument_count(void) { return argument_count; }
const char *weft_argument(int index) { return argument_values[index]; }
