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
  std::memset(memory.get() + sizeof header, 0, align_to(sizeof header, 8) - sizeof header);
#define WELD_TABLE(Row, name)                                                                                \
  if (!tables.name.empty()) {                                                                                \
    size_t size = tables.name.size() * sizeof(Row);                                                          \
    uint8_t* to = memory.get() + header.name.first;                                                          \
    std::memcpy(to, tables.name.data(), size);                                                               \
    std::memset(to + size, 0, static_cast<size_t>(align_to(size, 8)) - size);                                \
  }
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  *this = Object(std::move(memory), end);
}

bool Object::borrow(Bytes memory, Object& out) {
  if (memory.size() < sizeof(ObjectHeader)) return false;
  const auto& header = *reinterpret_cast<const ObjectHeader*>(memory.data());
  bool fits = true;
#define WELD_TABLE(Row, name)                                                                                \
  fits &= header.name.first % alignof(Row) == 0 &&                                                           \
          header.name.first + uint64_t{header.name.count} * sizeof(Row) <= memory.size();
  WELD_OBJECT_TABLES(WELD_TABLE)
#undef WELD_TABLE
  if (!fits) return false;
  out = Object();
  out.memory_ = memory.data();
  out.size_ = memory.size();
  return true;
}

namespace {
// Calls `string` and `signature` for every id in the tables.
template <class View, class String, class Signature>
void visit_ids(const View& o, String string, Signature signature) {
  auto rows = [](auto table) { // the same rows, which the caller may change
    using Row = std::remove_const_t<typename decltype(table)::element_type>;
    return std::span<Row>(const_cast<Row*>(table.data()), table.size());
  };
  for (SymbolRow& row : rows(o.symbols())) string(row.name);
  for (FunctionRow& row : rows(o.functions())) {
    string(row.export_name);
    signature(row.signature);
  }
  for (SegmentRow& row : rows(o.segments())) string(row.name);
  for (ImportRow& row : rows(o.imports())) {
    string(row.module);
    string(row.field);
    if (row.kind == ExternalKind::Function || row.kind == ExternalKind::Tag) signature(row.signature);
  }
  for (SignatureId& id : rows(o.types())) signature(id);
  // References to types that are defined, which units have.
  auto value = [&](ValueType& type) {
    if (!is_defined_ref(type)) return;
    SignatureId id(ref_number(type));
    signature(id);
    type = defined_ref(id.row, is_nullable(type));
  };
  for (ImportRow& row : rows(o.imports())) value(row.value_type);
  for (GlobalRow& row : rows(o.globals())) value(row.type);
  for (TableRow& row : rows(o.tables())) value(row.element);
  for (TagRow& row : rows(o.tags())) signature(row.signature);
  for (CustomSectionRow& row : rows(o.custom_sections())) string(row.name);
  for (ExportRow& row : rows(o.exports())) string(row.name);
  for (ComdatRow& row : rows(o.comdats())) string(row.name);
  for (FeatureRow& row : rows(o.features())) string(row.name);
  for (ProducerRow& row : rows(o.producers())) {
    string(row.name);
    string(row.version);
  }
}
} // namespace

void Object::for_each_name(FunctionRef<void(StringId)> string, FunctionRef<void(SignatureId)> signature) const {
  visit_ids(
      *this, [&](StringId& id) { string(id); }, [&](SignatureId& id) { signature(id); });
}

void Object::renumber(std::span<const uint32_t> strings, std::span<const uint32_t> signatures) {
  visit_ids(
      *this,
      [&](StringId& id) {
        if (id) id = StringId(strings[id.row]);
      },
      [&](SignatureId& id) {
        if (id) id = SignatureId(signatures[id.row]);
      });
}

} // namespace weld
