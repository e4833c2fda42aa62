// What is known of a running program, as the content of a file: another process can make patches of it then.
#pragma once

#include "core/link/patch/instance.h"

namespace weld {

Vector<uint8_t> save_instance(const LiveInstance& instance);
// Null when the bytes are something else, of another version, or damaged. With options other than those that the program was
// linked with, it cannot be patched.
std::unique_ptr<LiveInstance> read_instance(Bytes bytes, const Options& options);

} // namespace weld
