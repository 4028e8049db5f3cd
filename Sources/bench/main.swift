// SPDX-License-Identifier: Apache-2.0

import Kernel

exitProcess(BenchProgram.run(Array(CommandLine.arguments.dropFirst())))
