// SPDX-License-Identifier: Apache-2.0

import Glibc

exit(BenchProgram.run(Array(CommandLine.arguments.dropFirst())))
