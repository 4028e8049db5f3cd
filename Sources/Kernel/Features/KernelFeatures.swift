// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// What the running kernel lets this process do, found by trying each thing in a namespace that is
/// thrown away afterwards.
package struct KernelFeatures: Sendable {
    /// Why a feature is missing, in the kernel's words; features that are there have no entry.
    package private(set) var missing: [KernelFeature: String] = [:]
    /// False where this process may not make a namespace (CAP_SYS_ADMIN): nothing could be tried
    /// then, and all counts as missing, whatever the kernel could do for others.
    package private(set) var isPermitted = true

    /// What a probe looks at.
    package static let probed = KernelFeature.allCases

    package var present: Set<KernelFeature> { Set(Self.probed).subtracting(missing.keys) }

    /// Tries everything. The calling thread ends up in the namespace that it was in.
    package static func probe() -> KernelFeatures {
        var features = KernelFeatures()
        do throws(SystemError) {
            let namespace = try Namespace.create("probe")
            features.missing = try namespace.enter { () throws(SystemError) in
                FeatureAttempts(socket: try NetlinkSocket()).missing()
            }
        } catch {
            features.isPermitted = !error.isForbidden
            for feature in probed { features.missing[feature] = "not without namespaces" }
            features.missing[.namespaces] =
                error.isForbidden ? "only root may make them" : "\(error)"
        }
        return features
    }
}
