// Work that several threads may do at once. The core has no threads: whoever runs a link may lend some. What
// a task does must not depend on the others, so that the result is the same with one thread.
#pragma once

#include "core/base/function_ref.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace weld {

// Calls task(0) to task(count - 1), in any order and perhaps at once; returns when all are done.
class ParallelFor {
public:
  using Task = FunctionRef<void(size_t)>;
  using Run = std::function<void(size_t count, Task task)>;

  ParallelFor() = default; // one by one
  ParallelFor(uint32_t threads, Run run) : threads_(threads), run_(std::move(run)) {}

  void operator()(size_t count, Task task) const {
    if (run_ && count > 1) return run_(count, task);
    for (size_t i = 0; i < count; i++) task(i);
  }
  uint32_t threads() const { return threads_; }

private:
  uint32_t threads_ = 1;
  Run run_;
};

// Calls task(begin, end) for the blocks of [0, count).
template <class Task>
void for_each_block(const ParallelFor& run, size_t count, size_t block, Task task) {
  run((count + block - 1) / block, [&](size_t i) {
    size_t begin = i * block;
    task(begin, begin + block < count ? begin + block : count);
  });
}

} // namespace weld
