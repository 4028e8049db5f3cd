// SPDX-License-Identifier: Apache-2.0

/// Whether a microVM can be started here, found without starting one.
enum MicroVMReadiness {
    struct Problem: Hashable {
        var reason: String
        /// What to run against it.
        var remedy: String
    }

    static var problem: Problem? {
        Problem(reason: "not part of this build", remedy: "apt-get install qemu-system-x86")
    }

    static var description: String { "carries every lab" }
}
