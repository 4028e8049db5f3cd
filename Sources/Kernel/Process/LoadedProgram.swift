// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What this process was started from.
package enum LoadedProgram {
    /// The words of its command line, its own name first. They are known without /proc.
    package static var arguments: [String] {
        (0..<weft_argument_count()).compactMap { index in
            weft_argument(index).map { String(cString: $0) }
        }
    }

    /// The program's own file.
    package static func path() throws(SystemError) -> String {
        try FileSystem.canonicalPath("/proc/self/exe")
    }

    /// The shared libraries that the dynamic linker loaded, under the names it found them by, the
    /// linker itself among them; none for a static program.
    package static func libraries() -> [String] {
        var names: [String] = []
        withUnsafeMutablePointer(to: &names) { names in
            weft_each_library(
                { name, context in
                    guard let name, let context else { return }
                    context.assumingMemoryBound(to: [String].self).pointee
                        .append(String(cString: name))
                }, names)
        }
        // The kernel's own library (vDSO) has a name but no file.
        return names.filter { $0.first == "/" }
    }
}
