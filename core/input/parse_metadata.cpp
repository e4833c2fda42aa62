// Custom sections that describe the object as a whole: `name`, `producers`, `target_features`.
#include "core/input/object_parser.h"

namespace weld {

// Only the names of functions are of use: they are shown for functions that have no symbol.
void ObjectParser::read_names(Reader& r) {
  while (!r.at_end() && !failed()) {
    uint8_t type = r.u8("the type of a name subsection");
    uint32_t size = r.u32_leb("the size of a name subsection");
    Reader part = r.part(size, "name subsection", "a name subsection");
    if (failed() || static_cast<NameSubsection>(type) != NameSubsection::Function) continue;

    uint32_t count = part.count("the number of function names", 2);
    for (uint32_t i = 0; i < count && !failed(); i++) {
      uint64_t at = part.offset();
      uint32_t index = part.u32_leb("a function index");
      EncodedName encoded_name;
      Bytes name = read_name(part, "the name of a function", encoded_name);
      if (failed()) return;
      uint32_t imported = tables_.header.imported_functions;
      if (index >= function_count() || name.empty()) return part.fail_at(at, "invalid function name entry");
      if (index < imported) continue;
      FunctionRow& function = tables_.functions[index - imported];
      if (function.debug_name) return part.fail_at(at, "function named more than once");
      function.debug_name = encoded_name;
    }
    if (!failed() && !part.at_end()) part.fail("unexpected data at the end of the sub-section");
  }
}

void ObjectParser::read_producers(Reader& r) {
  uint32_t fields = r.count("the number of producer fields", 2);
  uint32_t fields_seen = 0;
  for (uint32_t i = 0; i < fields && !failed(); i++) {
    uint64_t at = r.offset();
    std::string_view name = as_text(r.name("the name of a producer field"));
    if (failed()) return;
    ProducerField field;
    if (name == "language") field = ProducerField::Language;
    else if (name == "processed-by") field = ProducerField::ProcessedBy;
    else if (name == "sdk") field = ProducerField::Sdk;
    else return r.fail_at(at, "producers section field is not named one of language, processed-by, or sdk");
    uint32_t bit = 1u << static_cast<uint8_t>(field);
    if (fields_seen & bit) return r.fail_at(at, "producers section does not have unique fields");
    fields_seen |= bit;

    uint32_t count = r.count("the number of producers", 2);
    seen_.start(count);
    for (uint32_t v = 0; v < count; v++) {
      uint64_t value_at = r.offset();
      StringId producer = strings_.intern(r.name("the name of a producer"));
      StringId version = strings_.intern(r.name("the version of a producer"));
      if (failed()) return;
      if (!seen_.insert(producer)) return r.fail_at(value_at, "producers section contains repeated producer");
      tables_.producers.push_back({field, producer, version});
    }
  }
}

// '+': the object uses the feature; '-': it must not be linked with one that does.
void ObjectParser::read_features(Reader& r) {
  uint32_t count = r.count("the number of features", 2);
  tables_.features.reserve(count);
  seen_.start(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = r.offset();
    uint8_t prefix = r.u8("the prefix of a feature");
    Bytes name = r.name("the name of a feature");
    if (failed()) return;
    if (prefix != '+' && prefix != '-') return r.fail_at(at, "unknown feature policy prefix");
    StringId id = strings_.intern(name);
    if (!seen_.insert(id))
      return r.fail_at(
          at,
          std::string("target features section contains repeated feature \"").append(as_text(name)) + "\"");
    tables_.features.push_back({prefix, id});
  }
}

} // namespace weld
