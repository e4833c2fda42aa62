#include "core/input/object.h"

namespace weld {

void ObjectTables::clear() {
  header = ObjectHeader();
#define WELD_TABLE(Row, name) name.clear();
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
}

Object::Object(const ObjectTables& tables) {
  ObjectHeader header = tables.header;
  auto end = static_cast<size_t>(align_to(sizeof(ObjectHeader), 8));
#define WELD_TABLE(Row, name)                                                                                \
  header.name = {static_cast<uint32_t>(end), static_cast<uint32_t>(tables.name.size())};                     \
  end = static_cast<size_t>(align_to(end + tables.name.size() * sizeof(Row), 8));
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE

  std::unique_ptr<uint8_t[]> memory(new uint8_t[end]);
  std::memcpy(memory.get(), &header, sizeof header);
#define WELD_TABLE(Row, name)                                                                                \
  if (!tables.name.empty())                                                                                  \
    std::memcpy(memory.get() + header.name.first, tables.name.data(), tables.name.size() * sizeof(Row));
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  *this = Object(std::move(memory), end);
}

} // namespace weld
