// SPDX-License-Identifier: Apache-2.0

import Kernel

exitProcess(Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
