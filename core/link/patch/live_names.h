// By which names what one link has is found again in the next one.
#pragma once

#include "core/link/patch/instance.h"
#include "core/link/write/output.h"

namespace weld {

LiveKey live_key(Bytes bytes);

class LiveNames {
public:
  explicit LiveNames(const Link& link);

  // Of a function of an object that is alive. `without_type`: the key of its name alone.
  LiveKey function(FunctionId id) const { return functions_[id]; }
  LiveKey function_name(FunctionId id) const { return function_names_[id]; }
  std::string function_text(FunctionId id) const;
  // Of an imported function, by what it is imported as.
  LiveKey import(SymbolId id) const;
  // Of a segment of data that is alive, unless its strings are merged.
  LiveKey data(SegmentId id) const { return data_[id]; }
  std::string data_text(SegmentId id) const;
  LiveDataKind kind(SegmentId id) const { return kinds_[id]; }
  uint64_t shape(SegmentId id) const { return shapes_[id]; }
  // Of a global, tag or table.
  LiveKey entity(SymbolKind kind, LinkObjectId object, uint32_t row) const;
  LiveKey entity(SymbolKind kind, std::string_view name) const;
  uint64_t type(SignatureId signature) const;

  bool is_merged(SegmentId id) const { return link_.segment_pieces[id].count != 0; }
  // A piece of merged strings, by its row in Layout::pieces.
  Bytes piece(const LinkObject& object, SegmentId segment, uint32_t row) const;

private:
  struct Definition {
    uint32_t row = none32; // of the object's symbols
    bool is_global = false;
    uint64_t offset = 0; // data
  };
  void find_definitions();
  void name_functions();
  void name_data();
  LiveKey unique(LiveKey key);
  std::string name_of(const LinkObject& o, const Definition& definition) const;
  // 'g' and the name, or 'l', the object and the name.
  void begin(SymbolKind kind, LinkObjectId object, bool is_global, std::string_view name) const;

  const Link& link_;
  std::vector<std::string> object_texts_; // by LinkObjectId
  Column<FunctionId, Definition> function_definitions_;
  Column<SegmentId, Definition> data_definitions_;
  Column<FunctionId, LinkObjectId> function_objects_;
  Column<SegmentId, LinkObjectId> data_objects_;
  Column<FunctionId, LiveKey> functions_, function_names_;
  Column<SegmentId, LiveKey> data_;
  Column<SegmentId, LiveDataKind> kinds_;
  Column<SegmentId, uint64_t> shapes_;
  LiveMap<uint32_t> seen_;
  mutable Vector<uint64_t> types_; // SignatureId -> hash; 0: not yet
  mutable ByteBuffer buffer_;
};

} // namespace weld
