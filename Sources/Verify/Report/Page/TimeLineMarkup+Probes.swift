// SPDX-License-Identifier: Apache-2.0

import Graph
import Primitives

/// Round trips and losses of an outage meter.
extension TimeLineMarkup {
    /// So many readings are drawn at most, that the page stays small.
    private static var samplesMax: Int { 500 }

    func chart(
        _ title: String, _ outage: OutageMeasurement, top: Double
    ) -> String {
        let samples = Self.merged(outage.samples)
        let most = max(samples.compactMap { $0.roundTrip?.most }.max() ?? 1, 100)
        let step = Self.step(Double(most) / 1000, 3)
        let ceiling = (Double(most) / 1000 / step).rounded(.up) * step
        let chartTop = top + 18
        let bottom = chartTop + Self.chartHeight
        func y(_ microseconds: Int64) -> Double {
            bottom - Double(microseconds) / 1000 / ceiling * Self.chartHeight
        }
        var out = "<text class=\"chart\" x=\"\(Self.left.svg)\" y=\"\((top + 12).svg)\">"
        out += "\(title.markup): \(outage.text.markup)</text>"
        var tick = 0.0
        while tick <= ceiling + step / 2 {
            let place = (bottom - tick / ceiling * Self.chartHeight).svg
            let label = (tick * 1000).rounded() / 1000
            out +=
                "<path class=\"grid\" d=\"M\(Self.left.svg) \(place)H\((Self.width - Self.right).svg)\"/>"
            out += "<text class=\"level\" x=\"\((Self.left - 6).svg)\" y=\"\(place)\" dy=\"3.5\">"
            out += "\(label == label.rounded() ? "\(Int(label))" : "\(label)") ms</text>"
            tick += step
        }
        for run in runs(samples) { out += band(run, y) }
        for gap in outage.gaps { out += self.gap(gap, chartTop, bottom) }
        return "<g class=\"probes\">\(out)</g>"
    }

    /// Neighbours put together once more, so that the page stays small.
    private static func merged(
        _ samples: [OutageMeasurement.Sample]
    ) -> [OutageMeasurement.Sample] {
        let size = max(1, (samples.count + samplesMax - 1) / samplesMax)
        guard size > 1 else { return samples }
        return stride(from: 0, to: samples.count, by: size).map { start in
            let some = samples[start..<min(start + size, samples.count)]
            let times = some.compactMap(\.roundTrip)
            var sample = samples[start]
            sample.sent = some.reduce(0) { $0 + $1.sent }
            sample.lost = some.reduce(0) { $0 + $1.lost }
            sample.roundTrip =
                times.isEmpty
                ? nil
                : .init(
                    least: times.map(\.least).min() ?? 0,
                    mean: times.reduce(0) { $0 + $1.mean } / Int64(times.count),
                    most: times.map(\.most).max() ?? 0)
            return sample
        }
    }

    private typealias Reading = (x: Double, time: OutageMeasurement.RoundTrip)

    /// The samples that were answered, where the line is not broken.
    private func runs(_ samples: [OutageMeasurement.Sample]) -> [[Reading]] {
        var runs: [[Reading]] = [[]]
        for sample in samples where line.range.contains(sample.at - line.zero) {
            if let time = sample.roundTrip {
                runs[runs.count - 1].append((x(sample.at - line.zero), time))
            } else if !runs[runs.count - 1].isEmpty {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }

    /// The least and the most as an area, the mean as a line.
    private func band(_ run: [Reading], _ y: (Int64) -> Double) -> String {
        let upper = run.map { "\($0.x.svg) \(y($0.time.most).svg)" }
        let lower = run.reversed().map { "\($0.x.svg) \(y($0.time.least).svg)" }
        let mean = run.map { "\($0.x.svg) \(y($0.time.mean).svg)" }
        return """
            <path class="band" d="M\((upper + lower).joined(separator: "L"))z"/>\
            <path class="mean" d="M\(mean.joined(separator: "L"))"/>
            """
    }

    private func gap(_ gap: OutageMeasurement.Gap, _ top: Double, _ bottom: Double) -> String {
        let start = x(gap.at - line.zero)
        let width = max(1.5, x(gap.at + gap.duration - line.zero) - start)
        let words =
            "\(gap.lost) lost in \(gap.duration.millisecondsText), from \(text(gap.at - line.zero))"
        let label =
            width > 44
            ? """
            <text class="gaptext" x="\((start + width / 2).svg)" y="\((top + 20).svg)">\
            \(gap.duration.millisecondsText)</text>
            """ : ""
        return """
            <g class="gap"><title>\(words)</title><rect x="\(start.svg)" y="\(top.svg)" \
            width="\(width.svg)" height="\((bottom - top).svg)"/>\(label)</g>
            """
    }
}
