// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What this process may do, in the user namespace that it is in.
enum Capabilities {
    /// Lets every program that this process and its children become keep all that we may do, though
    /// they run as an ordinary user (ambient capabilities).
    static func keepAcrossPrograms() throws(SystemError) {
        var set = [__user_cap_data_struct](repeating: .init(), count: 2)
        guard weft_capget(&set) == 0 else { throw SystemError("read our capabilities") }
        for half in set.indices { set[half].inheritable = set[half].permitted }
        guard weft_capset(set) == 0 else { throw SystemError("keep our capabilities") }
        for number in 0..<64 where set[number / 32].permitted >> UInt32(number % 32) & 1 == 1 {
            guard weft_raise_ambient(UInt(number)) == 0 else {
                throw SystemError("keep capability \(number)")
            }
        }
    }
}
