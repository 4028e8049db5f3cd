// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Why there is no microVM to carry a lab: one sentence for people, with what helps.
package struct MicroVMError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    init(_ error: SystemError) { description = error.description }

    /// Runs what may fail in the system, as part of what may fail in the microVM.
    static func attempt<Result: ~Copyable>(
        _ body: () throws(SystemError) -> Result
    ) throws(MicroVMError) -> Result {
        do throws(SystemError) { return try body() } catch { throw MicroVMError(error) }
    }
}
