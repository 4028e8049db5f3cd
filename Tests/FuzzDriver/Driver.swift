// SPDX-License-Identifier: Apache-2.0

// Without -sanitize=fuzzer the program has a generator of its own, for everywhere else.
#if !LIBFUZZER
    import Fuzzing
    import Glibc
    import Primitives

    @main
    enum Driver {
        static let usage = """
            usage: weft-fuzz list
                   weft-fuzz campaign TARGET INPUTS SEED CORPUS…
                   weft-fuzz make TARGET NUMBER SEED CORPUS…
                   weft-fuzz replay TARGET FILE…

            list      says the targets, each with its cost
            campaign  puts so many generated inputs to a target; prints one JSON object
            make      writes the input of a campaign that has the number
            replay    puts files to a target
            """

        static func main() {
            let words = Array(CommandLine.arguments.dropFirst())
            do {
                exit(try run(words))
            } catch {
                complain("\(error)")
                exit(1)
            }
        }

        private static func run(_ words: [String]) throws -> Int32 {
            if words == ["list"] {
                for target in FuzzTarget.all { print("\(target) \(target.cost)") }
                return 0
            }
            guard words.count >= 3, let target = FuzzTarget.named(words[1]) else {
                complain(usage)
                return 2
            }
            if words[0] == "replay" {
                for path in words.dropFirst(2) { try target.run(Corpus.octets(of: path)) }
                return 0
            }
            guard words.count >= 4, let number = UInt64(words[2]), let seed = UInt64(words[3])
            else {
                complain(usage)
                return 2
            }
            let corpus = try Corpus.inputs(in: words.dropFirst(4))
            let mutator = Mutator(target, corpus: corpus, seed: seed)
            switch words[0] {
            case "make":
                Corpus.write(mutator.input(number), to: 1)
                return 0
            case "campaign":
                return try Campaign(target, mutator, inputs: number, seed: seed).run()
            default:
                complain(usage)
                return 2
            }
        }

        static func complain(_ text: String) { Corpus.write(Array((text + "\n").utf8), to: 2) }
    }

    /// The files that inputs are made of.
    enum Corpus {
        /// The files of all folders, by name, so that an input's number means the same everywhere.
        static func inputs(in folders: ArraySlice<String>) throws -> [[UInt8]] {
            try folders.flatMap { folder in
                guard let directory = opendir(folder) else { throw Finding("no folder \(folder)") }
                defer { closedir(directory) }
                var names: [String] = []
                while let entry = readdir(directory) {
                    let name = withUnsafePointer(to: &entry.pointee.d_name) {
                        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                    }
                    if !name.hasPrefix(".") { names.append(folder + "/" + name) }
                }
                return try names.sorted().map(octets)
            }
        }

        static func octets(of path: String) throws -> [UInt8] {
            guard let file = fopen(path, "r") else { throw Finding("\(path) cannot be read") }
            defer { fclose(file) }
            var octets: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65536)
            while case let count = fread(&piece, 1, piece.count, file), count > 0 {
                octets += piece.prefix(count)
            }
            return octets
        }

        static func write(_ octets: [UInt8], to descriptor: Int32) {
            var rest = octets[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
#endif
