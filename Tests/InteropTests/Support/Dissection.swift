// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What Wireshark's dissectors read in a capture.
struct Dissection {
    struct Frame {
        /// What the dissectors find wrong; empty when all is well.
        let complaint: String
        /// One a field; the values of a field that occurs more than once are joined by commas.
        let values: [String]
    }

    let frames: [Frame]

    /// What dissectors only remark upon, such as the end of a connection.
    private static let chat = "2097152"

    /// - Parameters:
    ///   - capture: the octets of a pcap file.
    ///   - filter: which frames; all without one.
    ///   - checksums: whether IP's and transports' checksums are judged. In a live capture the
    ///     kernel has not put them in yet.
    init(
        _ capture: [UInt8], _ fields: [String], filter: String? = nil, checksums: Bool = true
    ) throws {
        let tshark = try HostTool("tshark", package: "tshark")
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("weft-\(UUID().uuidString).pcap")
        try Data(capture).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let settings = ["ip", "tcp", "udp"].flatMap { ["-o", "\($0).check_checksum:\(checksums)"] }
        let expert = ["_ws.malformed", "_ws.expert.severity", "_ws.expert.message"]
        let output = try tshark.run(
            ["-n", "-r", file.path, "-T", "fields"] + settings
                + (filter.map { ["-Y", $0] } ?? []) + (expert + fields).flatMap { ["-e", $0] })
        try #require(output.status == 0, "\(output.standardError)")
        frames = output.standardOutput.split(separator: "\n").map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
                .map(String.init)
            let isChat = columns[1].split(separator: ",").allSatisfy { $0 == Self.chat }
            return Frame(
                complaint: columns[0] + (isChat ? "" : columns[2]),
                values: Array(columns[expert.count...]))
        }
    }

    /// The values of a capture that the dissectors must have nothing against.
    /// - Parameter expected: a complaint about what is right here.
    func flawlessValues(
        except expected: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) -> [[String]] {
        for (number, frame) in frames.enumerated() {
            #expect(
                frame.complaint == "" || frame.complaint == expected,
                "frame \(number + 1): \(frame.values)",
                sourceLocation: sourceLocation)
        }
        return frames.map(\.values)
    }
}
