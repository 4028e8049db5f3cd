// SPDX-License-Identifier: Apache-2.0

/// The command line of QEMU for a microVM.
package struct QEMUCommand: Hashable, Sendable {
    package static let program = "qemu-system-x86_64"
    /// The Debian package that has the program.
    package static let package = "qemu-system-x86"

    private let image: MicroVMImage
    private let plan: MicroVMPlan
    /// The inherited socket that is the control port's other end.
    private let portDescriptor: Int32

    package init(_ image: MicroVMImage, _ plan: MicroVMPlan, portDescriptor: Int32) {
        self.image = image
        self.plan = plan
        self.portDescriptor = portDescriptor
    }

    /// What a lab of so many nodes gets, in MiB.
    package static func memory(nodes: Int) -> Int { max(512, 256 + 8 * nodes) }

    package var arguments: [String] {
        [
            Self.program, "-accel", plan.usesKVM ? "kvm" : "tcg,thread=multi",
            "-smp", "\(plan.processors)", "-m", "\(plan.memory)",
            "-cpu", plan.usesKVM ? "host" : "max",
            "-machine", "microvm,pit=on,pic=on,rtc=on", "-nodefaults", "-no-user-config",
            "-display", "none", "-no-reboot",
            "-kernel", image.kernel.vmlinux, "-initrd", image.initramfs, "-append",
            kernelCommandLine,
            "-chardev", "file,id=console,append=on,path=\(Self.escaped(plan.console))",
            "-serial", "chardev:console",
            "-fsdev",
            "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-device,fsdev=root,mount_tag=\(GuestInit.shareName)",
            "-chardev", "socket,id=control,fd=\(portDescriptor)",
            "-device", "virtio-serial-device",
            "-device", "virtserialport,chardev=control,name=\(GuestInit.portName)",
        ]
    }

    /// `tsc=reliable`: else the clock is as coarse as 4 ms, useless for measuring outages.
    /// `tsc_early_khz`: else the guest measures that clock by another, and hangs where this machine
    /// is so busy that it cannot. `panic=-1`: end, do not hang. The others save time at the start.
    private var kernelCommandLine: String {
        var words = [
            "console=ttyS0", "quiet", "panic=-1", "tsc=reliable", "mitigations=off",
            "cryptomgr.notests", "rcupdate.rcu_expedited=1", "rdinit=\(Initramfs.initPath)",
        ]
        if let frequency = plan.cycleFrequency { words.append("tsc_early_khz=\(frequency)") }
        return (words + ["--", "init"] + plan.purpose.words).joined(separator: " ")
    }

    /// In QEMU's lists a comma is written twice.
    private static func escaped(_ path: String) -> String {
        String(path.flatMap { $0 == "," ? [",", ","] : [$0] })
    }
}
