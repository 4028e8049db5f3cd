// SPDX-License-Identifier: Apache-2.0

/// The path attributes that have a codec, by type code.
package enum PathAttributeTable {
    /// The IANA name of an attribute, or `attribute N`.
    package static func name(of code: UInt8) -> String {
        names.first { $0.0 == code }?.1 ?? "attribute \(code)"
    }

    private static let names: [(UInt8, String)] = [
        (1, "ORIGIN"), (2, "AS_PATH"), (3, "NEXT_HOP"), (4, "MULTI_EXIT_DISC"), (5, "LOCAL_PREF"),
        (6, "ATOMIC_AGGREGATE"), (7, "AGGREGATOR"), (8, "COMMUNITIES"), (9, "ORIGINATOR_ID"),
        (10, "CLUSTER_LIST"), (14, "MP_REACH_NLRI"), (15, "MP_UNREACH_NLRI"),
        (16, "EXTENDED COMMUNITIES"), (17, "AS4_PATH"), (18, "AS4_AGGREGATOR"),
        (32, "LARGE_COMMUNITY"),
    ]
}
