// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why this user cannot have user namespaces here, and what to change.
package struct UserNamespaceObstacle: Hashable, Sendable {
    package var reason: String
    /// The command to run against it.
    package var remedy: String

    /// What the machine says about user namespaces; nil where it says nothing.
    package struct Machine: Hashable, Sendable {
        package var hasProc = true
        /// The kernel knows user namespaces (CONFIG_USER_NS).
        package var isKnown = true
        package var isRoot = false
        /// user.max_user_namespaces.
        package var namespacesMax: Int?
        /// kernel.unprivileged_userns_clone, of Debian's older kernels.
        package var unprivilegedClone: Int?
        /// kernel.apparmor_restrict_unprivileged_userns, of Ubuntu since 23.10.
        package var appArmorRestricts: Int?
        /// A container's system call filter is in force.
        package var isFiltered = false

        package init() {}
    }

    package init(reason: String, remedy: String) {
        (self.reason, self.remedy) = (reason, remedy)
    }

    /// Tells what stands behind an error of `UserNamespace.fork`.
    package init(_ error: SystemError, on machine: Machine) {
        self =
            Self.absence(machine) ?? Self.setting(machine) ?? Self.container(error, machine)
            ?? Self(
                reason: "\(error)", remedy: "weft up --substrate microvm FILE")
    }

    private static func absence(_ machine: Machine) -> Self? {
        if !machine.hasProc {
            return Self(reason: "/proc is not mounted", remedy: "mount -t proc proc /proc")
        }
        if machine.isKnown { return nil }
        return Self(
            reason: "the kernel was built without user namespaces",
            remedy: "weft up --substrate microvm FILE")
    }

    private static func setting(_ machine: Machine) -> Self? {
        if machine.namespacesMax == 0 { return sysctl("user.max_user_namespaces", 0, to: 16384) }
        if machine.isRoot { return nil }
        if machine.unprivilegedClone == 0 {
            return sysctl("kernel.unprivileged_userns_clone", 0, to: 1)
        }
        if machine.appArmorRestricts == 1 {
            return sysctl("kernel.apparmor_restrict_unprivileged_userns", 1, to: 0)
        }
        return nil
    }

    private static func sysctl(_ name: String, _ value: Int, to wanted: Int) -> Self {
        Self(reason: "\(name) is \(value)", remedy: "sudo sysctl -w \(name)=\(wanted)")
    }

    private static func container(_ error: SystemError, _ machine: Machine) -> Self? {
        if error.code == ENOSPC {
            let limit = machine.namespacesMax.map { " of \($0)" } ?? ""
            return Self(
                reason: "the limit\(limit) on user namespaces is reached",
                remedy: "sudo sysctl -w "
                    + "user.max_user_namespaces=\(2 * (machine.namespacesMax ?? 8192))")
        }
        if error.code == EROFS {
            return Self(
                reason: "this container shows /proc/sys read-only and forbids a /proc of our own",
                remedy: "docker run --security-opt systempaths=unconfined …")
        }
        guard machine.isFiltered, error.isForbidden else { return nil }
        return Self(
            reason: "this container's seccomp filter forbids user namespaces",
            remedy: "docker run --security-opt seccomp=unconfined "
                + "--security-opt systempaths=unconfined …")
    }
}

extension UserNamespaceObstacle.Machine {
    /// This machine, as /proc tells.
    package static var this: Self {
        var machine = Self()
        machine.hasProc = FileSystem.exists("/proc/self")
        machine.isKnown = FileSystem.exists("/proc/self/ns/user")
        machine.isRoot = geteuid() == 0
        machine.namespacesMax = number("user/max_user_namespaces")
        machine.unprivilegedClone = number("kernel/unprivileged_userns_clone")
        machine.appArmorRestricts = number("kernel/apparmor_restrict_unprivileged_userns")
        let status = (try? FileSystem.read("/proc/self/status")) ?? ""
        machine.isFiltered = status.split(separator: "\n").contains("Seccomp:\t2")
        return machine
    }

    private static func number(_ parameter: String) -> Int? {
        guard let text = try? FileSystem.read("/proc/sys/\(parameter)") else { return nil }
        return Int(text.split(whereSeparator: \.isWhitespace).first ?? "")
    }
}
