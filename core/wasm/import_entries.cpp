#include "core/wasm/import_entries.h"

#include "core/wasm/format.h"

namespace weld {

bool ImportEntries::next() {
  while (items_ == 0) {
    shares_type_ = false;
    // Some linkers count imports instead of entries.
    const bool counts_imports = met_compact_ && r_.at_end() && imports_ == count_;
    if (r_.failed() || left_ == 0 || counts_imports) return false;
    left_--;
    if (begin_entry()) break;
  }
  if (items_ != 0) {
    items_--;
    read_item();
  }
  imports_++;
  return !r_.failed();
}

// Whether the entry is an import. Otherwise it is the beginning of several.
bool ImportEntries::begin_entry() {
  module_offset = r_.offset();
  module = r_.name("the module of an import");
  field_offset = r_.offset();
  field = r_.name("the name of an import");
  kind_offset = r_.offset();
  kind = r_.u8("the kind of an import");
  if (r_.failed()) return true;
  if (!field.empty() || (kind != compact_module && kind != compact_type)) return true;
  met_compact_ = true;
  shares_type_ = kind == compact_type;
  if (shares_type_) {
    kind_offset = r_.offset();
    kind = r_.u8("the kind of an import");
    shared_type_ = r_;
    skip_type();
  }
  items_ = r_.count("the number of imports of a module", shares_type_ ? 1 : 3);
  return false;
}

void ImportEntries::read_item() {
  field_offset = r_.offset();
  field = r_.name("the name of an import");
  if (shares_type_) {
    type_ = shared_type_;
    return;
  }
  kind_offset = r_.offset();
  kind = r_.u8("the kind of an import");
}

void ImportEntries::skip_type() {
  const auto skip_value_type = [&] {
    const uint8_t type = r_.u8("the type of an import");
    if (type == 0x63 || type == 0x64) r_.s64_leb("the type of an import"); // a reference to a type
  };
  const auto skip_limits = [&] {
    const uint8_t flags = r_.u8("the limits of an import");
    r_.u64_leb("the limits of an import");
    if (flags & limits_has_max) r_.u64_leb("the limits of an import");
    if (flags & limits_has_page_size) r_.u32_leb("the limits of an import");
  };
  switch (static_cast<ExternalKind>(kind)) {
  case ExternalKind::Function: r_.u32_leb("the type of an import"); break;
  case ExternalKind::Table:
    skip_value_type();
    skip_limits();
    break;
  case ExternalKind::Memory: skip_limits(); break;
  case ExternalKind::Global:
    skip_value_type();
    r_.u8("the mutability of a global");
    break;
  case ExternalKind::Tag:
    r_.u8("the attribute of a tag");
    r_.u32_leb("the type of an import");
    break;
  default: r_.fail_at(kind_offset, "invalid kind of several imports");
  }
}

} // namespace weld
