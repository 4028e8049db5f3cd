// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Testing

/// What is told where a machine forbids user namespaces. The machines are made up: which answer
/// belongs to which of them is what the distributions document.
@Suite struct UserNamespaceObstacleTests {
    private func obstacle(
        _ code: Int32 = EPERM, _ change: (inout UserNamespaceObstacle.Machine) -> Void
    ) -> UserNamespaceObstacle {
        var machine = UserNamespaceObstacle.Machine()
        machine.namespacesMax = 63_000
        change(&machine)
        return UserNamespaceObstacle(SystemError("make user namespaces", code), on: machine)
    }

    @Test func `each setting that forbids them is named, with the command that changes it`() {
        #expect(
            obstacle(ENOSPC) { $0.namespacesMax = 0 }
                == .init(
                    reason: "user.max_user_namespaces is 0",
                    remedy: "sudo sysctl -w user.max_user_namespaces=16384"))
        #expect(
            obstacle { $0.unprivilegedClone = 0 }
                == .init(
                    reason: "kernel.unprivileged_userns_clone is 0",
                    remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1"))
        #expect(
            obstacle { ($0.unprivilegedClone, $0.appArmorRestricts) = (1, 1) }
                == .init(
                    reason: "kernel.apparmor_restrict_unprivileged_userns is 1",
                    remedy: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"))
    }

    @Test func `a setting that does not concern root is not blamed for what befalls root`() {
        let obstacle = obstacle {
            ($0.isRoot, $0.appArmorRestricts, $0.unprivilegedClone) = (true, 1, 0)
        }
        #expect(obstacle.reason == "make user namespaces: Operation not permitted")
        #expect(obstacle.remedy == "weft up --substrate microvm FILE")
    }

    @Test func `containers are told what to be started with`() {
        #expect(
            obstacle { $0.isFiltered = true }.remedy
                == "docker run --security-opt seccomp=unconfined "
                + "--security-opt systempaths=unconfined …")
        #expect(
            obstacle(EROFS) { $0.isFiltered = true }.reason
                == "this container shows /proc/sys read-only and forbids a /proc of our own")
    }

    @Test func `a limit that is reached is doubled, and what cannot be helped is told`() {
        #expect(
            obstacle(ENOSPC) { $0.namespacesMax = 100 }
                == .init(
                    reason: "the limit of 100 on user namespaces is reached",
                    remedy: "sudo sysctl -w user.max_user_namespaces=200"))
        #expect(obstacle { $0.hasProc = false }.remedy == "mount -t proc proc /proc")
        #expect(
            obstacle(EINVAL) { $0.isKnown = false }.reason
                == "the kernel was built without user namespaces")
    }

    @Test func `this machine is read as it is`() {
        let machine = UserNamespaceObstacle.Machine.this
        #expect(machine.hasProc && machine.isKnown)
        #expect(machine.isRoot == (geteuid() == 0))
        #expect(machine.namespacesMax.map { $0 > 0 } == true)
    }
}
