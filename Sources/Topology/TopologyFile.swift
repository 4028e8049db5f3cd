// SPDX-License-Identifier: Apache-2.0

import Primitives

extension Topology {
    /// The largest topology file that is read, in bytes.
    package static let fileSizeMax = 4 << 20
}
