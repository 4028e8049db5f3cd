// SPDX-License-Identifier: Apache-2.0

import Topology

/// The colours of drawings on a light ground; `SVGStyle` has those for a dark one. Nothing is told
/// by colour alone: what a colour means is written beside it.
enum Palette {
    static let line = "#7b8794"
    static let session = "#7440c2"

    static func role(_ role: NodeRole) -> String {
        switch role {
        case .pe: "#2458c5"
        case .p: "#5b6775"
        case .rr: "#7440c2"
        case .ce: "#0d7a62"
        case .host: "#96611a"
        }
    }

    static let vrfs = [
        "#c2410c", "#0369a1", "#15803d", "#a21caf", "#a16207", "#0e7490", "#be123c", "#4d7c0f",
    ]
    static let darkVRFs = [
        "#fb923c", "#38bdf8", "#4ade80", "#e879f9", "#facc15", "#22d3ee", "#fb7185", "#a3e635",
    ]

    /// The colour of the VRF at a position in the drawing's list.
    static func vrf(_ index: Int) -> String { vrfs[index % vrfs.count] }
}

extension Drawing.Session.Kind {
    /// What a session of this kind is called on a drawing.
    var label: String {
        switch self {
        case .internal: "iBGP"
        case .reflector: "reflects"
        case .external: "eBGP"
        }
    }
}
