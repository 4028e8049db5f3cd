// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzzing
import Testing

/// The inputs that fuzzing found worth keeping: those that reach the most of each decoder, and all
/// that ever broke one (`finding-…`).
enum Corpus {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Corpus")

    static func folder(of target: FuzzTarget) -> URL { folder.appending(path: target.name) }

    static func files(of target: FuzzTarget) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: folder(of: target), includingPropertiesForKeys: [.fileSizeKey]
        ).sorted { $0.path < $1.path }
    }
}

@Suite("The corpus of the fuzzer")
struct CorpusTests {
    @Test("every input of it keeps what must hold", arguments: FuzzTarget.all)
    func replay(_ target: FuzzTarget) throws {
        let files = try Corpus.files(of: target)
        #expect(!files.isEmpty)
        for file in files {
            let input = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(input) }
        }
    }

    @Test("it is small, and has no folder that no target reads")
    func size() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Corpus.folder.path)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
        let sizes = try FuzzTarget.all.flatMap(Corpus.files).map {
            try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        }
        #expect(sizes.reduce(0, +) < 300_000)
    }

    @Test("the same number of the same seed is the same input")
    func generatorIsPure() throws {
        for target in FuzzTarget.all {
            let corpus = try Corpus.files(of: target).map { Array(try Data(contentsOf: $0)) }
            let (a, b) = (
                Mutator(target, corpus: corpus, seed: 7), Mutator(target, corpus: corpus, seed: 7)
            )
            let numbers: [UInt64] = [0, 1, 99, 12345]
            #expect(numbers.map(a.input) == numbers.reversed().map(b.input).reversed())
            #expect(Set((0..<100 as Range<UInt64>).map(a.input)).count > 50)
        }
    }
}
