// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A guest of one processor and a few pages, to see whether KVM does anything (linux/kvm.h).
package enum VirtualProcessor {
    /// Counts to ten million as a kernel would, with 64 bits and its own page tables. A processor
    /// takes milliseconds for it. Some KVMs have no processor to offer and emulate what a kernel
    /// does, a microsecond an instruction. May never return.
    package static func halts() -> Bool {
        guard let system = try? FileDescriptor.open("/dev/kvm", O_RDWR),
            weft_ioctl(system.raw, weft_kvm_get_api_version, 0) == KVM_API_VERSION,
            let machine = descriptor(weft_ioctl(system.raw, weft_kvm_create_vm, 0)),
            addMemory(machine),
            let processor = descriptor(weft_ioctl(machine.raw, weft_kvm_create_vcpu, 0)),
            reset(processor)
        else { return false }
        let size = Int(weft_ioctl(system.raw, weft_kvm_get_vcpu_mmap_size, 0))
        guard size > 0, let state = map(size, processor.raw),
            weft_ioctl(processor.raw, weft_kvm_run, 0) == 0
        else { return false }
        return state.load(as: kvm_run.self).exit_reason == UInt32(KVM_EXIT_HLT)
    }

    private static func descriptor(_ raw: Int32) -> FileDescriptor? {
        raw < 0 ? nil : FileDescriptor(owning: raw)
    }

    /// Shared with the kernel for as long as the process lives.
    private static func map(_ size: Int, _ raw: Int32) -> UnsafeMutableRawPointer? {
        let kind = raw < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, kind, raw, 0)
        return memory == MAP_FAILED ? nil : memory
    }

    /// Octets of the guest's memory: code, then three levels of page tables.
    private static let memorySize = 0x4000
    private static let pageTable = 0x1000
    /// mov $10000000, %ecx; 1: dec %ecx; jnz 1b; hlt
    private static let code: [UInt8] = [0xb9, 0x80, 0x96, 0x98, 0, 0xff, 0xc9, 0x75, 0xfc, 0xf4]

    /// Gives the guest its memory, each address of which is mapped to itself.
    private static func addMemory(_ machine: borrowing FileDescriptor) -> Bool {
        guard let memory = map(memorySize, -1) else { return false }
        for (offset, octet) in code.enumerated() {
            memory.storeBytes(of: octet, toByteOffset: offset, as: UInt8.self)
        }
        // Present, writable; the last level is a page of 2 MiB (bit 7).
        let entries: [(at: Int, value: UInt64)] = [
            (0x1000, 0x2000 | 3), (0x2000, 0x3000 | 3), (0x3000, 0x80 | 3),
        ]
        for entry in entries {
            memory.storeBytes(of: entry.value, toByteOffset: entry.at, as: UInt64.self)
        }
        var region = kvm_userspace_memory_region(
            slot: 0, flags: 0, guest_phys_addr: 0, memory_size: UInt64(memorySize),
            userspace_addr: UInt64(UInt(bitPattern: memory)))
        return call(machine, weft_kvm_set_memory, &region)
    }

    /// Puts the processor into 64-bit mode, before the first octet of the memory.
    private static func reset(_ processor: borrowing FileDescriptor) -> Bool {
        var special = kvm_sregs()
        guard call(processor, weft_kvm_get_sregs, &special) else { return false }
        special.cr3 = UInt64(pageTable)
        special.cr4 = 1 << 5  // PAE
        special.cr0 = 1 << 31 | 1 << 16 | 1  // PG, WP, PE
        special.efer = 1 << 10 | 1 << 8  // LMA, LME
        special.cs = segment(type: 11, selector: 8, isCode: true)
        let data = segment(type: 3, selector: 16, isCode: false)
        special.ds = data
        special.es = data
        special.ss = data
        var general = kvm_regs()
        general.rflags = 2
        return call(processor, weft_kvm_set_sregs, &special)
            && call(processor, weft_kvm_set_regs, &general)
    }

    private static func segment(type: UInt8, selector: UInt16, isCode: Bool) -> kvm_segment {
        var segment = kvm_segment()
        segment.limit = 0xffff_ffff
        segment.selector = selector
        segment.type = type
        segment.present = 1
        segment.s = 1
        segment.g = 1
        segment.l = isCode ? 1 : 0
        segment.db = isCode ? 0 : 1
        return segment
    }

    private static func call<Value>(
        _ file: borrowing FileDescriptor, _ request: UInt, _ value: inout Value
    ) -> Bool {
        let raw = file.raw
        return withUnsafeMutablePointer(to: &value) {
            weft_ioctl(raw, request, UInt(bitPattern: $0)) >= 0
        }
    }
}
