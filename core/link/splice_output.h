// Other bytes in place of some of an output, all at once: however many places change, each byte behind the first of them
// moves once.
#pragma once

#include "core/link/write/output_plan.h"

namespace weld {

class OutputSplices {
public:
  // `output` is that of the plan.
  OutputSplices(OutputPlan& plan, Vector<uint8_t>& output) : plan_(plan), output_(output) {}

  // In place of `old_size` bytes at `at`, in the payload of a section as it was before all changes, there are to be
  // `new_size`, which the caller writes after `apply`. Ranges of different calls do not overlap; what is inserted at one place keeps the order of the calls.
  void resize(const OutSection& section, size_t at, size_t old_size, size_t new_size);
  // The same, with the bytes that come.
  void replace(const OutSection& section, size_t at, size_t old_size, Bytes content);

  // Changes the output and the plan. False, and nothing was changed: the output would be larger than engines take.
  bool apply();

private:
  struct Splice {
    uint32_t section; // of OutputPlan::sections
    size_t at, old_size, new_size;
    RowRange content; // in `content_`; empty: the caller writes it
  };
  // Bytes that only change their place.
  struct Piece {
    size_t from, to, size;
  };

  void add(const OutSection& section, size_t at, size_t old_size, size_t new_size, RowRange content);

  OutputPlan& plan_;
  Vector<uint8_t>& output_;
  Vector<Splice> splices_;
  ByteBuffer content_;
};

} // namespace weld
