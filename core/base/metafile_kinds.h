// Kinds of items of a metafile, and reasons for roots: metafile_kinds.def.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weld {

enum class ItemKind : uint8_t {
#define WELD_ITEM_KIND(id, name) id,
#include "core/base/metafile_kinds.def"
};

inline constexpr std::string_view item_kind_names[] = {
#define WELD_ITEM_KIND(id, name) name,
#include "core/base/metafile_kinds.def"
};

inline std::string_view kind_name(ItemKind kind) {
  return item_kind_names[static_cast<size_t>(kind)];
}

// Why garbage collection begins at something.
enum class RootReason : uint8_t {
#define WELD_ROOT_REASON(id, name) id,
#include "core/base/metafile_kinds.def"
};

inline constexpr std::string_view root_reason_names[] = {
#define WELD_ROOT_REASON(id, name) name,
#include "core/base/metafile_kinds.def"
};

} // namespace weld
