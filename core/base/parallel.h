// Work that several threads may do at once. The core has no threads: whoever runs a link may lend some. What
// a task does must not depend on the others, so that the result is the same with one thread.
#pragma once

#include <cstddef>
#include <functional>

namespace weld {

// Calls task(0) to task(count - 1), in any order and perhaps at once; returns when all are done.
using ParallelFor = std::function<void(size_t count, const std::function<void(size_t)>& task)>;

inline void run_one_by_one(size_t count, const std::function<void(size_t)>& task) {
  for (size_t i = 0; i < count; i++) task(i);
}

// Calls task(begin, end) for the blocks of [0, count).
template <class Task>
void for_each_block(const ParallelFor& run, size_t count, size_t block, Task task) {
  run((count + block - 1) / block, [&](size_t i) {
    size_t begin = i * block;
    task(begin, begin + block < count ? begin + block : count);
  });
}

} // namespace weld
