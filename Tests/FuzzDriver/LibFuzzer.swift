// SPDX-License-Identifier: Apache-2.0

// With -sanitize=fuzzer the program is libFuzzer's: it has the main function, and calls this for
// every input. FUZZ_TARGET names the decoder.
#if LIBFUZZER
    import Fuzzing
    import Glibc

    private let target: FuzzTarget = {
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget.named(name) else {
            fatalError("FUZZ_TARGET must be one of \(FuzzTarget.all)")
        }
        return target
    }()

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        do throws(Finding) {
            try target.run(Array(UnsafeBufferPointer(start: octets, count: count)))
        } catch {
            fatalError("\(target): \(error)")
        }
        return 0
    }
#endif
