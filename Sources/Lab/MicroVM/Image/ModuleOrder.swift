// SPDX-License-Identifier: Apache-2.0

/// In which order modules can be loaded: each after what it depends on.
package struct ModuleOrder: Hashable, Sendable {
    /// The modules to load, in order. A name is as the kernel says it, with underscores.
    package private(set) var names: [String] = []
    /// Wanted modules that this kernel has neither as a module nor built in.
    package private(set) var missing: [String] = []
    private var visited: Set<String> = []

    /// Works the order out.
    /// - Parameters:
    ///   - wanted: in the order of preference, without their dependencies.
    ///   - builtIn: the modules that are part of the kernel.
    ///   - depends: what a module depends on; nil when there is no such module.
    package init<Failure>(
        of wanted: [String], builtIn: Set<String>,
        depends: (String) throws(Failure) -> [String]?
    ) throws(Failure) {
        for name in wanted {
            try visit(Self.canonical(name), builtIn, depends)
        }
    }

    /// A module's name is written with "-" or "_" without difference; the kernel says "_".
    package static func canonical(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    /// The module's name in a path such as kernel/net/mpls/mpls_router.ko.xz.
    package static func name(inPath path: some StringProtocol) -> String {
        let file = path.split(separator: "/").last ?? ""
        return canonical(String(file.prefix { $0 != "." }))
    }

    private mutating func visit<Failure>(
        _ name: String, _ builtIn: Set<String>,
        _ depends: (String) throws(Failure) -> [String]?
    ) throws(Failure) {
        guard !builtIn.contains(name), visited.insert(name).inserted else { return }
        guard let below = try depends(name) else {
            missing.append(name)
            return
        }
        for dependency in below {
            try visit(Self.canonical(dependency), builtIn, depends)
        }
        names.append(name)
    }
}
