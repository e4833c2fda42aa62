// Whose each byte of the output is, from the first to the last.
#include "core/link/metafile/metafile.h"

#include <algorithm>

namespace weld {

void Metafile::put(uint32_t item, uint64_t size) {
  if (!size) return;
  if (!layout_.empty() && layout_.back().item == item) layout_.back().size += size;
  else layout_.push_back({item, size});
  laid_out_ += size;
}

void Metafile::lay_out() {
  put(header_, 8);
  for (uint32_t i = 0; i < plan_.sections.size(); i++) {
    const OutSection& section = plan_.sections[i];
    const uint32_t frame = sections_ + i;
    put(frame, section.offset - laid_out_);
    switch (section.content) {
    case OutSection::Encoded:
      if (section.kind == SectionKind::Custom) put_custom(section, frame);
      else put_entries(section, frame);
      break;
    case OutSection::Code: put_code(section, frame); break;
    case OutSection::Data: put_data(section, frame); break;
    case OutSection::Custom: {
      put(frame, section.encoded.count);
      const OutCustomSection& custom = link_.custom_sections[section.custom];
      extents_.clear();
      add_extents(custom.chunks, custom.size, 0, &Metafile::item_of_custom);
      for (const Extent& extent : extents_) put(extent.item, extent.size);
      break;
    }
    }
    put(frame, section.offset + section.payload_size - laid_out_);
  }
}

// Whose the entries of a small section are, in their order; the count before them is the frame's.
void Metafile::put_entries(const OutSection& section, uint32_t frame) {
  Vector<uint32_t> owners;
  auto range = [&](uint32_t first, size_t count) {
    for (uint32_t i = 0; i < count; i++) owners.push_back(first + i);
  };
  switch (section.kind) {
  case SectionKind::Type: range(types_, link_.types.size()); break;
  case SectionKind::Import:
    if (memory_ != none32) owners.push_back(memory_);
    for (SymbolId id : link_.imports) {
      const Symbol& s = link_.symbols[id];
      owners.push_back((s.kind == SymbolKind::Function ? 0
                        : s.kind == SymbolKind::Global ? globals_
                        : s.kind == SymbolKind::Tag    ? tags_
                        : link_.is_memory(id)          ? memories_ - 1
                                                       : tables_) +
                       link_.needs(id).import_index);
    }
    for (SymbolId id : link_.got_imports) owners.push_back(item_of(link_.got_index[id]));
    break;
  case SectionKind::Function: range(link_.imported_functions, link_.functions.size()); break;
  case SectionKind::Table: range(tables_ + link_.imported_tables, link_.tables.size()); break;
  case SectionKind::Memory: range(memories_ + link_.imported_memories, link_.memories.size()); break;
  case SectionKind::Tag: range(tags_ + link_.imported_tags, link_.tags.size()); break;
  case SectionKind::Global:
    range(globals_ + link_.imported_globals, tags_ - globals_ - link_.imported_globals);
    if (link_.options.is_live())
      owners.push_back(none32); // the state of the program, which nothing refers to
    break;
  case SectionKind::Export:
    for (const Export& e : link_.exports) owners.push_back(item_of(e));
    break;
  case SectionKind::Elem:
    for (size_t i = 0; i < link_.table_functions.size(); i++) {
      FunctionEntity function = link_.table_functions[i];
      owners.push_back(item_of(function.is_none() ? link_.function_index_of(link_.table_function_symbols[i])
                                                  : link_.body_index_of(function)));
    }
    for (const TableElements& run : link_.initial_elements)
      owners.push_back(item_of(link_.table_index[run.table], false));
    for (const PassiveSegment& segment : link_.passive_elements) owners.push_back(item_of(segment));
    break;
  default: return;
  }
  if (owners.empty()) return;
  put(frame, plan_.entries[entry_] - section.encoded.first);
  for (uint32_t owner : owners) {
    const uint32_t begin = plan_.entries[entry_++];
    const bool is_last = entry_ == plan_.entries.size() || plan_.entries[entry_] > section_end(section);
    put(owner == none32 ? frame : owner, (is_last ? section_end(section) : plan_.entries[entry_]) - begin);
  }
}

uint32_t Metafile::section_end(const OutSection& section) {
  return section.encoded.first + section.encoded.count;
}

uint32_t Metafile::item_of(const Export& e) const {
  switch (e.kind) {
  case ExternalKind::Function: return e.index;
  case ExternalKind::Global: return globals_ + e.index < tags_ ? globals_ + e.index : none32;
  case ExternalKind::Tag: return tags_ + e.index;
  case ExternalKind::Table: return tables_ + e.index;
  case ExternalKind::Memory: break;
  }
  return e.index ? memories_ - 1 + e.index : memory_;
}

void Metafile::put_code(const OutSection& section, uint32_t frame) {
  auto offset_of = [&](size_t i) -> uint64_t {
    if (i == link_.functions.size()) return section.payload_size;
    return link_.offset_of(link_.functions[i]);
  };
  put(frame, section.encoded.count);
  for (size_t i = 0; i < link_.functions.size(); i++) {
    const uint64_t size = offset_of(i + 1) - offset_of(i);
    const auto item = static_cast<uint32_t>(link_.imported_functions + i);
    items_[item].size = size;
    put(item, size);
  }
}

// Cuts a segment or a custom section into what belongs to one item each.
void Metafile::add_extents(std::span<const OutChunk> chunks, uint64_t size, uint64_t address,
                           uint32_t (Metafile::*item_of_chunk)(const OutChunk&) const) {
  uint64_t at = 0;
  auto extent = [&](uint32_t item, uint64_t count) {
    if (!count) return;
    extents_.push_back({item, count, address + at});
    at += count;
  };
  for (const OutChunk& chunk : chunks) {
    extent(padding_, chunk.offset - at);
    if (chunk.object) {
      extent((this->*item_of_chunk)(chunk), chunk.size);
      continue;
    }
    const Vector<uint32_t>& owners = blobs_[chunk.merged()];
    for (size_t i = 0, end; i < owners.size(); i = end) {
      for (end = i; end < owners.size() && owners[end] == owners[i];) end++;
      extent(owners[i] == none32 ? padding_ : owners[i], end - i);
    }
  }
  extent(padding_, size - at);
}

uint32_t Metafile::item_of(const PassiveSegment& segment) const {
  return segment_items_[segment.segment];
}

void Metafile::put_data(const OutSection& section, uint32_t frame) {
  if (link_.pack_data) put_runs(section, frame);
  else put_segments(section, frame);
  put(frame, section.offset + section.payload_size - plan_.passive_data.count - laid_out_);
  for (const PassiveSegment& segment : link_.passive_data) {
    const LinkObject& o = link_.objects[segment.object];
    const uint64_t size = o.object.segments()[o.segment.local(segment.segment)].data.size;
    put(item_of(segment), 1 + uleb_size(size) + size);
  }
}

void Metafile::put_segments(const OutSection& section, uint32_t frame) {
  for (const OutSegment& segment : link_.segments) {
    const SegmentHead& head = link_.segment_heads[segment.index];
    if (!head.header.size) continue;
    put(frame, section.offset + head.payload_offset - laid_out_);
    extents_.clear();
    add_extents(segment.chunks, segment.size, segment.address, &Metafile::item_of_data);
    for (const Extent& extent : extents_) put(extent.item, extent.size);
  }
}

// -Oz: runs of bytes, wherever chunks begin and end.
void Metafile::put_runs(const OutSection& section, uint32_t frame) {
  extents_.clear();
  for (const OutSegment& segment : link_.segments)
    add_extents(segment.chunks, segment.size, segment.address, &Metafile::item_of_data);
  size_t i = 0;
  for (const DataRun& run : link_.data_runs) {
    put(frame, section.offset + run.payload_offset - laid_out_);
    uint64_t at = run.address;
    const uint64_t end = run.address + run.bytes.size();
    while (at < end) {
      while (i < extents_.size() && extents_[i].address + extents_[i].size <= at) i++;
      // Between two segments.
      uint64_t limit = i == extents_.size() ? end : std::min(end, extents_[i].address);
      uint32_t item = padding_;
      if (limit <= at) {
        limit = std::min(end, extents_[i].address + extents_[i].size);
        item = extents_[i].item;
      }
      put(item, limit - at);
      at = limit;
    }
  }
}

// Of the names, each belongs to what it is the name of.
void Metafile::put_custom(const OutSection& section, uint32_t frame) {
  if (title_of(section) != "name") return;
  const uint8_t* begin = plan_.encoded.data() + section.encoded.first;
  const uint8_t* p = begin;
  auto number = [&] {
    uint32_t value = 0, shift = 0;
    do value |= static_cast<uint32_t>(*p & 0x7f) << shift, shift += 7;
    while (*p++ & 0x80);
    return value;
  };
  auto skip_name = [&] {
    const uint32_t size = number();
    p += size;
  };
  auto put_to_here = [&](uint32_t item) {
    put(item, section.offset + static_cast<uint64_t>(p - begin) - laid_out_);
  };
  skip_name();
  while (p < begin + section.encoded.count) {
    const auto id = static_cast<NameSubsection>(*p++);
    const uint32_t size = number();
    if (id != NameSubsection::Function && id != NameSubsection::Global) {
      p += size;
      continue;
    }
    uint32_t count = number();
    put_to_here(frame);
    for (; count; count--) {
      const uint32_t index = number();
      skip_name();
      put_to_here((id == NameSubsection::Function ? 0 : globals_) + index);
    }
  }
}

} // namespace weld
