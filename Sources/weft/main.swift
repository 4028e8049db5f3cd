// SPDX-License-Identifier: Apache-2.0

import Kernel

ProcessControl.ignoreFileSizeLimit()
// Not CommandLine.arguments: Swift finds those through /proc, which the first process of a microVM
// does not have yet.
exitProcess(Program.run(Array(LoadedProgram.arguments.dropFirst())).rawValue)
