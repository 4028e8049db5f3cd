// SPDX-License-Identifier: Apache-2.0

import Testing

/// Comparisons with programs that are not ours, in labs on this kernel or in a microVM. One at a
/// time: each wants the processors for itself.
@Suite("Interoperability", .serialized)
enum Interoperability {}
