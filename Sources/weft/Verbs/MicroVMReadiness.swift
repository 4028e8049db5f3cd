// SPDX-License-Identifier: Apache-2.0

import Lab

/// Whether a microVM can be started here, found without starting one.
enum MicroVMReadiness {
    struct Problem: Hashable {
        var reason: String
        /// What to run against it.
        var remedy: String
    }

    static var problem: Problem? {
        MicroVMImage.obstacle.map { Problem(reason: $0.reason, remedy: $0.remedy) }
    }

    static var description: String { "carries every lab" }
}
