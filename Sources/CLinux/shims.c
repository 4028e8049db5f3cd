// SPDX-License-Identifier: Apache-2.0
#include "CLinux.h"
// Every shim is inline in the header; SwiftPM wants one source file in a C target.
