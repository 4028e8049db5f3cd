// SPDX-License-Identifier: Apache-2.0

import Topology

/// How drawings look, on a light ground and on a dark one.
enum SVGStyle {
    static let text = """
        .weft{--paper:#fff;--ink:#18212b;--faint:#5f6b78;--line:#7b8794;--node:#fff;\
        --edge:#b9c3cd;--area:#f2f5f9;--bad:#c01c28;--bgp:#7440c2;\
        font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        \(colors(Palette.vrfs))
        @media (prefers-color-scheme:dark){.weft{--paper:#11161c;--ink:#e7ecf1;--faint:#9eabb8;\
        --line:#8492a0;--node:#1b232c;--edge:#46525f;--area:#171e26;--bad:#ff7b72;--bgp:#b99cf5}
        \(colors(Palette.darkVRFs))}
        .weft text{fill:var(--ink)}
        .weft .paper{fill:var(--paper)}
        .weft .head{font-size:18px;font-weight:700}
        .weft .note{font-size:12px;fill:var(--faint)}
        .weft .area{fill:var(--area);stroke:var(--edge);stroke-dasharray:3 4}
        .weft .areaname{fill:var(--faint);font-size:12px;font-weight:600}
        .weft .link path,.weft .session path{fill:none;stroke-linecap:round;stroke-linejoin:round}
        .weft .link path{stroke:var(--c,var(--line));stroke-width:2}
        .weft .core path{stroke-width:3.5}
        .weft .link .hit,.weft .session .hit{stroke:transparent;stroke-width:14}
        .weft .link.down path:not(.hit){stroke:var(--bad);stroke-dasharray:2 6}
        .weft .bus{fill:var(--c,var(--line))}
        .weft .label text,.weft .end text{font-family:ui-monospace,"DejaVu Sans Mono",monospace;\
        text-anchor:middle}
        .weft .back{fill:var(--paper);opacity:.88}
        .weft .inside .back{fill:var(--area)}
        .weft .label .tag{fill:var(--c,var(--faint));font-weight:600}
        .weft .label .bad,.weft .node .bad{fill:var(--bad);font-weight:700}
        .weft .end text{fill:var(--faint)}
        .weft .body{fill:var(--node);stroke:var(--edge)}
        .weft .role{font-weight:700;fill:#fff;text-anchor:middle}
        .weft .name{font-weight:650}
        .weft .detail{font-family:ui-monospace,"DejaVu Sans Mono",monospace;fill:var(--faint)}
        .weft .chip rect{fill:none;stroke:var(--c,var(--faint))}
        .weft .chip text{font-size:9px;text-anchor:middle;fill:var(--c,var(--faint));\
        font-weight:600}
        \(roles)
        .weft .node.stopped .body{stroke:var(--bad);stroke-dasharray:4 3}
        .weft .node.stopped .name{fill:var(--faint);text-decoration:line-through}
        .weft .session path{stroke:var(--c,var(--bgp));stroke-width:1.6}
        .weft .session.internal path,.weft .session.reflector path{stroke-dasharray:6 4}
        .weft .session.external path{stroke-dasharray:1 4;stroke-width:2.4}
        .weft .session .arrow{fill:var(--c,var(--bgp));stroke:none}
        .weft .session.off path:not(.hit):not(.arrow){stroke:var(--bad);opacity:.8}
        .weft .session .cross{fill:var(--bad);font-size:13px;font-weight:700;text-anchor:middle;\
        paint-order:stroke;stroke:var(--paper);stroke-width:3px}
        .weft .link:hover path:not(.hit),.weft .session:hover path:not(.hit){stroke-width:5}
        .weft .legend text{font-size:11px}
        @media print{.weft .hit{display:none}}
        """

    /// A class for each colour of a VRF; a dash for each further time round.
    private static func colors(_ colors: [String]) -> String {
        colors.enumerated().map { ".weft .v\($0){--c:\($1)}" }.joined(separator: "\n")
    }

    private static let roles = NodeRole.allCases.map {
        ".weft .\($0.rawValue) .band{fill:\(Palette.role($0))}"
    }.joined(separator: "\n")

    private static let dashes = ["", "8 4", "3 4", "10 4 2 4"]

    /// The attributes of what belongs to a VRF.
    static func vrf(_ name: String?, _ drawing: Drawing) -> (classes: String, dash: String) {
        guard let index = name.flatMap({ drawing.vrfs.firstIndex(of: $0) }) else { return ("", "") }
        let dash = dashes[index / Palette.vrfs.count % dashes.count]
        return (
            " v\(index % Palette.vrfs.count)", dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        )
    }
}
