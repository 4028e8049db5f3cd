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
    /// Why there are no user namespaces, where it was in one of those that all was to be tried.
    package private(set) var obstacle: UserNamespaceObstacle?

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

    /// Tries everything in a user namespace, as a rootless lab has it.
    package static func probeRootless() -> KernelFeatures {
        do throws(SystemError) {
            let (reader, writer) = try DescriptorPair.pipe().split()
            let result = FileDescriptor(owning: reader)
            do {
                let answer = FileDescriptor(owning: writer)
                _ = try UserNamespace.fork {
                    let text = Array(probe().json.text.utf8)
                    return (try? answer.write(text, to: "a probe's result")) == nil ? 1 : 0
                }
            }
            let octets = try FileSystem.octets(of: result, "a probe's result")
            return KernelFeatures(try? JSON(parsing: octets))
        } catch {
            var features = KernelFeatures(nil)
            let obstacle = UserNamespaceObstacle(error, on: .this)
            features.obstacle = obstacle
            features.isPermitted = !error.isForbidden
            features.missing[.namespaces] = obstacle.reason
            return features
        }
    }

    private var json: JSON {
        .object(
            missing.sorted { $0.key < $1.key }.map { .init($0.key.rawValue, .string($0.value)) })
    }

    /// - Parameter json: what a probe found missing; nil where it found nothing out.
    private init(_ json: JSON?) {
        guard let json else {
            for feature in Self.probed { missing[feature] = "not without namespaces" }
            return
        }
        for feature in Self.probed { missing[feature] = json[feature.rawValue]?.string }
    }

    private init() {}
}
