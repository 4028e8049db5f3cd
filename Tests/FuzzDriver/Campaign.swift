// SPDX-License-Identifier: Apache-2.0

#if !LIBFUZZER
    import Fuzzing
    import Glibc
    import Kernel
    import Primitives

    /// Many inputs, put to a target in a child that may trap, hang or grow; its parent knows from
    /// memory that they share which input it was.
    struct Campaign {
        private struct Progress {
            /// The number of the present input.
            var number: UInt64 = 0
            var slowest: UInt64 = 0
            /// Processor time of the slowest, in microseconds.
            var slowestTime: Int64 = 0
            /// What the process holds at most, in KiB: after the corpus was warm, and at last.
            var warmMemory: Int64 = 0
            var memory: Int64 = 0
        }

        private let target: FuzzTarget
        private let mutator: Mutator
        private let inputs: UInt64
        private let seed: UInt64
        private let progress: UnsafeMutablePointer<Progress>

        /// Whoever stays with one input for so long is in a loop.
        private static let patience = Duration.seconds(60)
        /// Processor time for one input, in microseconds.
        private static let slownessMax: Int64 = 5_000_000
        /// What one input may make the process hold more, in KiB, and all of them together.
        private static let growthMax: Int64 = 64 << 10
        /// After so many inputs the process has what it holds for good.
        private static let warmUp: UInt64 = 1000

        init(_ target: FuzzTarget, _ mutator: Mutator, inputs: UInt64, seed: UInt64) throws {
            self.target = target
            self.mutator = mutator
            self.inputs = inputs
            self.seed = seed
            let size = MemoryLayout<Progress>.size
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
            guard let memory, memory != MAP_FAILED else { throw Finding("no shared memory") }
            progress = memory.bindMemory(to: Progress.self, capacity: 1)
            progress.initialize(to: Progress())
        }

        /// - Returns: the exit status: 0 where nothing was found.
        func run() throws -> Int32 {
            let began = MonotonicClock.now
            let pid = try ChildProcess.fork { child() }
            let status = waitForEnd(of: pid)
            let result = progress.pointee
            let seconds = (MonotonicClock.now - began).nanoseconds / 1_000_000
            let members: JSON = [
                "target": .string(target.name), "seed": JSON(seed),
                "inputs": JSON(status == 0 ? inputs : result.number),
                "milliseconds": JSON(seconds), "peak-kib": JSON(result.memory),
                "growth-kib": JSON(result.memory - result.warmMemory),
                "slowest-us": JSON(result.slowestTime), "slowest": JSON(result.slowest),
            ]
            print(members.text)
            guard status != 0 else { return 0 }
            let input = mutator.input(result.number)
            let digits = input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            Driver.complain(
                "\(target), input \(result.number) of seed \(seed), status \(status):\n\(digits)")
            return 1
        }

        /// Also of one that does not end, which is killed.
        private func waitForEnd(of pid: pid_t) -> Int32 {
            var status: Int32 = 0
            var last = progress.pointee.number
            var since = MonotonicClock.now
            while waitpid(pid, &status, WNOHANG) == 0 {
                usleep(10_000)
                if progress.pointee.number != last {
                    (last, since) = (progress.pointee.number, MonotonicClock.now)
                } else if MonotonicClock.now - since > Self.patience {
                    Driver.complain("\(target): it does not come to an end")
                    kill(pid, SIGKILL)
                }
            }
            return status
        }

        private func child() -> Int32 {
            for number in 0..<inputs {
                progress.pointee.number = number
                let input = mutator.input(number)
                let began = Self.processorTime
                do throws(Finding) { try target.run(input) } catch {
                    Driver.complain("\(target): \(error)")
                    return 1
                }
                let problem = account(number, Self.processorTime - began)
                if let problem {
                    Driver.complain("\(target): \(problem)")
                    return 1
                }
            }
            return 0
        }

        /// - Returns: what is wrong with how long an input took, or what is held after it.
        private func account(_ number: UInt64, _ time: Int64) -> String? {
            if time > progress.pointee.slowestTime {
                progress.pointee.slowestTime = time
                progress.pointee.slowest = number
            }
            if time > Self.slownessMax { return "\(time) microseconds for one input" }
            let memory = Self.memory
            let growth = memory - progress.pointee.memory
            progress.pointee.memory = memory
            if number <= Self.warmUp { progress.pointee.warmMemory = memory }
            if number > 0, growth > Self.growthMax { return "\(growth) KiB for one input" }
            let sum = memory - progress.pointee.warmMemory
            return sum > Self.growthMax ? "it has grown by \(sum) KiB" : nil
        }

        private static var processorTime: Int64 {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        }

        /// The most that the process has held, in KiB.
        private static var memory: Int64 {
            var usage = rusage()
            getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
            return Int64(usage.ru_maxrss)
        }
    }
#endif
