// SPDX-License-Identifier: Apache-2.0

/// How the report looks: on a light ground and on a dark one, on a phone, and on paper.
enum ReportStyle {
    static let text = """
        :root{color-scheme:light dark;--paper:#fff;--ground:#f4f6f9;--ink:#18212b;--faint:#5b6774;
          --edge:#dbe1e8;--soft:#eef2f6;--good:#157f3b;--bad:#c01c28;--badsoft:#fdecec;
          --accent:#2458c5;--gap:#e5484d;--vrrp:#8a5a00;--route:#5b6775}
        @media (prefers-color-scheme:dark){:root{--paper:#161c23;--ground:#0d1116;--ink:#e7ecf1;
          --faint:#9eabb8;--edge:#2b3540;--soft:#1f2831;--good:#5bd283;--bad:#ff7b72;
          --badsoft:#33191b;--accent:#8fb4ff;--gap:#ff6369;--vrrp:#e3b341;--route:#8fa0b1}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);line-height:1.45;
          font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:15px}
        main{max-width:1440px;margin:0 auto;padding:24px 20px 60px}
        h1,h2,h4,p,ul,dl,pre{margin:0}
        ul{padding:0;list-style:none}
        h1{font-size:26px;line-height:1.2;overflow-wrap:anywhere}
        h2{font-size:17px;margin:34px 0 12px}
        h4{font-size:11px;text-transform:uppercase;letter-spacing:.06em;color:var(--faint);
          margin:10px 0 4px}
        code,pre,.saw,.versus p{font-family:ui-monospace,"DejaVu Sans Mono",monospace;
          font-size:12.5px}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:8px 10px;
          border-radius:6px}
        a{color:var(--accent)}
        summary{cursor:pointer}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        .title{display:flex;gap:16px;align-items:center;flex-wrap:wrap}
        .verdict{font-weight:700;padding:5px 14px 5px 11px;border-radius:99px;color:#fff;
          background:#157f3b;white-space:nowrap}
        .verdict.failed{background:#c01c28}
        .lead{margin-top:8px;font-size:16px;overflow-wrap:anywhere}
        .counts{margin-top:6px;color:var(--faint)}
        .facts{display:flex;flex-wrap:wrap;gap:8px 32px;margin-top:16px}
        .facts dt{font-size:12px;color:var(--faint)}
        .facts dd{margin:0;overflow-wrap:anywhere}
        .phases{display:flex;height:14px;gap:2px;margin-top:20px}
        .phases .phase{min-width:3px;flex-basis:0}
        .phases .phase:first-child{border-radius:7px 0 0 7px}
        .phases .phase:last-child{border-radius:0 7px 7px 0}
        .phasenames{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:8px;font-size:13px;
          color:var(--faint)}
        .phasenames b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        .phasenames .phase{display:inline-block;width:10px;height:10px;border-radius:3px;
          margin-right:6px}
        .f0{background:#8da2b8}.f1{background:#4f7fd9}.f2{background:#7a56c9}
        .f3{background:#1f9d74}.f4{background:#d08a1d}.f5{background:#9a6a52}
        .picture>.scroll,.test{background:var(--paper);border:1px solid var(--edge);
          border-radius:12px}
        .picture{position:relative}
        .picture>.scroll{text-align:center;padding:4px}
        .picture svg{width:100%;height:auto;vertical-align:top}
        .fit{margin:0 auto}
        .picture .weft{--paper:inherit}
        .picture .weft .paper{fill:none}
        .picture input{position:absolute;right:128px;top:6px}
        .picture label{position:absolute;right:16px;top:2px;font-size:14px}
        #sessions:not(:checked)~.scroll .sessions,
        #sessions:not(:checked)~.scroll .legend .session{display:none}
        .scroll{overflow-x:auto}
        .mark{font-weight:700}
        .mark.passed{color:var(--good)}
        .mark.failed{color:var(--bad)}
        .time{color:var(--faint);font-size:13px;white-space:nowrap;
          font-variant-numeric:tabular-nums}
        .test{margin:12px 0;padding:0 18px}
        .test.failed{border-color:var(--bad)}
        .test>summary{display:flex;gap:12px;align-items:baseline;padding:13px 0;list-style:none}
        .test>summary::-webkit-details-marker,.check>summary::-webkit-details-marker{display:none}
        .test>summary .name{flex:1;font-weight:650;overflow-wrap:anywhere}
        .number{color:var(--faint);font-weight:400;margin-right:4px}
        .loss{font-size:13px;padding:1px 9px;border-radius:99px;background:var(--soft);
          white-space:nowrap}
        .events{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:10px}
        .events li{background:var(--soft);border-radius:6px;padding:3px 10px;font-size:13px}
        .events li::before{content:"▶ ";color:var(--accent);font-size:10px}
        .checks{padding:6px 0 14px}
        .check{border-top:1px solid var(--edge)}
        .check>summary{display:grid;grid-template-columns:18px 1fr auto;gap:1px 8px;padding:7px 0;
          list-style:none;align-items:baseline}
        .check .name,.check .saw{overflow-wrap:anywhere}
        .check .saw{grid-column:2/4;color:var(--faint)}
        .check .saw code{color:var(--ink)}
        .check .body{padding:0 0 12px 26px}
        .check .place{display:block;margin-top:6px;font-size:12px;color:var(--faint)}
        .check.failed>summary .name{font-weight:650}
        .versus{display:grid;grid-template-columns:1fr 1fr;gap:12px}
        .versus>div{background:var(--soft);border-radius:8px;padding:2px 12px 10px}
        .versus>div:last-child{background:var(--badsoft)}
        .versus p{overflow-wrap:anywhere}
        mark{background:none;color:inherit;font-weight:700;border-bottom:2px solid var(--bad)}
        .failures{background:var(--paper);border:1px solid var(--bad);border-radius:12px;
          padding:4px 18px 12px;margin-top:26px}
        .failures h2{margin:12px 0 6px;color:var(--bad)}
        .failure .where{font-size:13px;margin-top:10px}
        .failure .check{border:0}
        .dump{margin-top:8px;overflow-x:auto;white-space:pre}
        .body ul{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:12.5px}
        .timeline{position:relative;min-width:860px;max-width:1300px}
        .timeline svg{display:block;width:100%;height:auto}
        .timeline text,.sample text{fill:var(--ink);font-size:11.5px}
        .timeline .tick,.timeline .level{fill:var(--faint);font-size:10.5px;text-anchor:middle;
          font-variant-numeric:tabular-nums}
        .timeline .level{text-anchor:end}
        .timeline .chart{fill:var(--faint);paint-order:stroke;stroke:var(--paper);stroke-width:5px}
        .timeline .grid,.timeline .lane{stroke:var(--edge);fill:none}
        .timeline .node{text-anchor:end;font-weight:600}
        .timeline .event path{stroke:var(--accent);stroke-width:1.5;stroke-dasharray:4 3}
        .timeline .event text{fill:var(--accent);font-weight:650}
        .timeline .band{fill:var(--accent);opacity:.22}
        .timeline .mean{fill:none;stroke:var(--accent);stroke-width:1.4;stroke-linejoin:round}
        .timeline .gap rect{fill:var(--gap);opacity:.25;stroke:var(--gap);stroke-opacity:.9}
        .timeline .gaptext{text-anchor:middle;font-weight:700;font-size:12px}
        .up path{fill:var(--good)}.lost path{fill:var(--bad)}
        .vrrp path{fill:var(--vrrp)}.malformed path{fill:var(--bad)}
        .linkup path{fill:none;stroke:var(--good);stroke-width:2}
        .linkdown path{fill:none;stroke:var(--bad);stroke-width:3}
        .routes rect,.routes path{fill:var(--route)}
        .timeline .vrrp text{font-size:10.5px;paint-order:stroke;stroke:var(--paper);
          stroke-width:3px}
        .up path,.lost path,.vrrp path{stroke:var(--paper);stroke-width:1}
        ul.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12.5px;color:var(--faint);
          padding:8px 0 2px}
        ul.legend li{display:flex;align-items:center;gap:5px}
        .swatch{width:16px;height:10px;border-radius:2px}
        .swatch.rtt{border-top:2px solid var(--accent);
          background:color-mix(in srgb,var(--accent) 22%,transparent)}
        .swatch.gap{background:color-mix(in srgb,var(--gap) 30%,transparent);
          border:1px solid var(--gap)}
        .news{font-size:13px;color:var(--faint);margin:4px 0 10px}
        .news table{border-collapse:collapse;margin-top:6px;color:var(--ink)}
        .news th{text-align:left;font-size:11px;color:var(--faint)}
        .news td,.news th{padding:2px 18px 2px 0;vertical-align:top}
        .news td:first-child{font-variant-numeric:tabular-nums;white-space:nowrap}
        .news td:last-child{overflow-wrap:anywhere}
        .cursor{position:absolute;top:0;bottom:20px;width:0;border-left:1px solid var(--ink);
          pointer-events:none;opacity:.6}
        .cursor::after{content:attr(data-time);position:absolute;bottom:-18px;left:-1px;
          background:var(--ink);color:var(--paper);font-size:11px;padding:1px 6px;
          border-radius:4px;white-space:nowrap;transform:translateX(-50%)}
        .tip{position:fixed;z-index:9;max-width:min(460px,90vw);background:var(--ink);
          color:var(--paper);padding:5px 10px;border-radius:6px;font-size:12.5px;
          pointer-events:none;overflow-wrap:anywhere}
        @media (max-width:640px){main{padding:16px 12px 40px}.versus{grid-template-columns:1fr}
          .test{padding:0 12px}.test>summary{flex-wrap:wrap}
          .test>summary .name{flex-basis:70%}h1{font-size:21px}}
        @media print{:root{--ground:#fff}body{font-size:12px}main{max-width:none;padding:0}
          .check,.failure,.timeline,.picture,.phasenames{break-inside:avoid-page}
          h2,summary,.events{break-after:avoid-page}.fit{min-width:0!important}
          .timeline{min-width:0}.picture input,.picture label,
          .cursor,.tip{display:none}.scroll{overflow:visible}}
        """
}
