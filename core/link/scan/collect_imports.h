// Imports that take an index, in the order of their names.
#pragma once

#include "core/link/scan/needs.h"

namespace weld {

bool should_import(const Marked& link, const Needs& needs, SymbolId id);

class ImportCollector {
public:
  ImportCollector(const Marked& link, Needs& needs) : link_(link), needs_(needs) {}

  void run();
  void add(SymbolId id);

private:
  bool same_type(const Symbol& a, const Symbol& b) const;

  const Marked& link_;
  Needs& needs_;
  Vector<uint32_t> import_of_name_; // StringId -> the last import of that field name, or none32
  Vector<uint32_t> next_import_;    // beside Needs::imports: the one before it of the same field name
};

} // namespace weld
