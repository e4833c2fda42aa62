// Which function of which source an address of code belongs to, with the functions that were inlined there.
#pragma once

#include "core/inspect/inspection.h"

#include <memory>

namespace weld {

// A function that is active at an address.
struct SourceFrame {
  inspection::Text name, linkage_name; // none: not known
  uint32_t file = none32;              // row of Inspection::source_files: of the line
  uint32_t line = 0, column = 0;       // 0: not known
  bool is_inlined = false;             // its code is in that of the next frame
};

class Symbolizer {
public:
  // Of a module, an object or a file with debug information. Reads the line tables, and what is known of functions when it
  // is first asked for. What is malformed becomes problems of the inspection, and is left out.
  explicit Symbolizer(Inspection& inspection);
  ~Symbolizer();

  // `address`: counted from the payload of CODE, as DWARF does. The innermost function comes first. Empty: nothing is known.
  std::vector<SourceFrame> find(uint64_t address);

private:
  class Units;
  std::unique_ptr<Units> units_;
};

} // namespace weld
