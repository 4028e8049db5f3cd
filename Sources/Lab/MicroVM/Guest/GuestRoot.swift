// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The guest's file systems and drivers, from the kernel's start to the host's root.
enum GuestRoot {
    /// Where the host's root is mounted before it becomes ours.
    private static let host = "/host"
    /// Directories of the first file system that something is mounted on.
    static let folders = ["/dev", "/proc", "/sys", host]

    /// Directories of the host that programs write to: each is an empty file system in memory here.
    /// Those that the host does not have are passed over.
    private static let writable = [
        "/run", "/var/lib", "/var/log", "/var/tmp", "/var/cache", "/var/spool",
    ]
    /// Those in which people also keep what they want to run: the host's files show, and what is
    /// written goes to memory.
    private static let covered: [(path: String, mode: UInt32)] = [
        ("/tmp", 0o1777), ("/root", 0o700),
    ]

    /// Mounts the kernel's own file systems.
    static func mountOwn() throws(SystemError) {
        try Boot.mount("devtmpfs", from: "dev", at: "/dev")
        try Boot.mount("proc", from: "proc", at: "/proc")
        try Boot.mount("sysfs", from: "sys", at: "/sys")
    }

    /// Loads the modules in the order of their names. One that this machine cannot use, such as a
    /// driver for instructions that the processor lacks, is passed over: what needs it will say so.
    static func loadModules(under path: String) throws(SystemError) {
        // Else every namespace is born with gre0, ip6tnl0 and their like, one of which would take
        // packets that are nobody's.
        try FileSystem.write("/proc/sys/net/core/fb_tunnels_only_for_init_net", "2\n")
        for name in try FileSystem.names(in: path) { try? Boot.loadModule("\(path)/\(name)") }
        // Else the kernel runs modprobe for every name that it does not know, which takes seconds.
        try FileSystem.write("/proc/sys/kernel/modprobe", "\n")
    }

    /// Opens the virtio-serial port of a name.
    static func openPort(_ name: String) throws(SystemError) -> FileDescriptor {
        let ports = "/sys/class/virtio-ports"
        for port in try FileSystem.names(in: ports) {
            let text = try FileSystem.read("\(ports)/\(port)/name")
            guard text.split(separator: "\n").first.map(String.init) == name else { continue }
            return try FileDescriptor.open("/dev/\(port)", FileDescriptor.readAndWrite)
        }
        throw SystemError.missing("the control port \(name)")
    }

    /// Mounts the host's root read-only and makes it ours, with what is the guest's own over it.
    static func switchToHost(share: String) throws(SystemError) {
        try Boot.mount(
            "9p", from: share, at: host,
            options: "trans=virtio,version=9p2000.L,msize=262144,cache=loose", isReadOnly: true)
        for path in ["/dev", "/proc", "/sys"] { try Boot.move(path, to: host + path) }
        try Boot.switchRoot(to: host)
        for path in writable where FileSystem.isDirectory(path) {
            try Boot.mount("tmpfs", from: "tmpfs", at: path, options: "mode=755")
        }
        for (path, mode) in covered where FileSystem.isDirectory(path) { try cover(path, mode) }
        for path in ["/dev/pts", "/dev/shm", "/run/netns"] {
            try FileSystem.makeDirectories(path, mode: 0o755)
        }
        try Boot.mount("devpts", from: "devpts", at: "/dev/pts", options: "mode=620,ptmxmode=666")
        try Boot.mount("tmpfs", from: "tmpfs", at: "/dev/shm", options: "mode=1777")
    }

    /// Puts a writable layer in memory over a directory of the host.
    private static func cover(_ path: String, _ mode: UInt32) throws(SystemError) {
        let layer = "/run/weft-layers" + path
        for part in ["upper", "work"] { try FileSystem.makeDirectories("\(layer)/\(part)") }
        try FileSystem.setMode("\(layer)/upper", mode)
        do throws(SystemError) {
            try Boot.mount(
                "overlay", from: "overlay", at: path,
                options: "lowerdir=\(path),upperdir=\(layer)/upper,workdir=\(layer)/work")
        } catch {
            // What the user of the host may not read, such as root's home, is empty here.
            guard error.isForbidden else { throw error }
            try Boot.mount(
                "tmpfs", from: "tmpfs", at: path, options: "mode=\(String(mode, radix: 8))")
        }
    }
}
