#include "core/link/write/compress_code.h"

#include "core/link/reduce/walk_code.h"
#include "core/unit/lower_mir.h"

#include <algorithm>

namespace weld {

void CodeCompressor::walk(LinkObjectId id, FunctionId function, FunctionRef<void(Bytes)> run,
                          FunctionRef<void(RelocField, uint64_t)> field,
                          const FunctionRef<void(uint32_t)>* instruction) {
  auto of_reloc = [&](const RelocRow& reloc) { read_field(id, reloc, field); };
  walk_code(link_, id, function, form(), run, of_reloc, instruction);
}

void CodeCompressor::read_field(LinkObjectId id, const RelocRow& reloc,
                                FunctionRef<void(RelocField, uint64_t)> field) {
  const LinkObject& o = link_.objects[id];
  RelocField kind = traits(reloc.reloc_type()).field;
  if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB) {
    const SymbolValue symbol = values_.of(o, reloc.index);
    const uint64_t value = reloc_value(link_, id, reloc, symbol, 0, 0);
    if (errors_ && symbol.is_live && !fits_field(link_.options, kind, value))
      errors_->push_back({id, "CODE", reloc, value});
    return field(kind, value);
  }
  if (is_signed_type(o, reloc) && !pads()) kind = RelocField::Sleb5;
  field(kind, link_.type_of_signature[o.object.types()[reloc.index].row]);
}

MirForm CodeCompressor::form() const {
  return pads() ? MirForm::Relocatable : MirForm::Final;
}

// Where relocations stay, fields are as wide as they can become.
bool CodeCompressor::pads() const {
  return link_.options.relocatable || link_.options.emit_relocs;
}

uint32_t CodeCompressor::written_size(RelocField field, uint64_t value) const {
  if (pads()) return field_width(field);
  switch (field) {
  case RelocField::Uleb5: return uleb_size(static_cast<uint32_t>(value));
  case RelocField::Sleb5: return sleb_size(static_cast<int32_t>(value));
  case RelocField::Uleb10: return uleb_size(value);
  case RelocField::Sleb10: return sleb_size(static_cast<int64_t>(value));
  default: return field_width(field);
  }
}

uint32_t CodeCompressor::body_size(LinkObjectId id, FunctionId function) {
  uint32_t size = 0;
  walk(
      id, function, [&](Bytes run) { size += static_cast<uint32_t>(run.size()); },
      [&](RelocField field, uint64_t value) { size += written_size(field, value); });
  return size;
}

void CodeCompressor::add_moves(LinkObjectId id, FunctionId function, Vector<CodeMove>& moves) {
  const LinkObject& o = link_.objects[id];
  const FunctionRow& row = o.object.functions()[o.function.local(function)];
  const uint8_t* body = o.bytes.data() + row.offset + row.code_offset;
  const uint8_t* end = o.bytes.data() + row.offset + row.size;
  CodeMove at = {0, 0};
  bool is_edited = false;
  moves.push_back(at);
  walk(
      id, function,
      [&](Bytes run) {
        if (run.empty()) return;
        const auto size = static_cast<uint32_t>(run.size());
        at.new_offset += size;
        if (run.data() < body || run.data() >= end) { // an edit's
          is_edited = true;
          return;
        }
        const auto begin = static_cast<uint32_t>(run.data() - body);
        if (is_edited || begin != at.old_offset) moves.push_back({begin, at.new_offset - size});
        is_edited = false;
        at.old_offset = begin + size;
      },
      [&](RelocField field, uint64_t value) {
        uint32_t size = written_size(field, value);
        at.old_offset += field_width(field);
        at.new_offset += size;
        if (size != field_width(field)) moves.push_back(at);
      });
  moves.push_back(at);
}

void CodeCompressor::move_offsets(LinkObjectId id, FunctionId function, Vector<uint32_t>& offsets) {
  const LinkObject& o = link_.objects[id];
  const FunctionRow& row = o.object.functions()[o.function.local(function)];
  const uint8_t* body = o.bytes.data() + row.offset + row.code_offset;
  const uint8_t* end = o.bytes.data() + row.offset + row.size;
  uint32_t at = 0; // in the output's body
  size_t next = 0;
  walk(
      id, function,
      [&](Bytes run) {
        if (run.data() >= body && run.data() < end) { // or else it is an edit's
          const auto begin = static_cast<uint32_t>(run.data() - body);
          while (next < offsets.size() && offsets[next] < begin) offsets[next++] = none32;
          for (; next < offsets.size() && offsets[next] - begin < run.size(); next++)
            offsets[next] = offsets[next] - begin + at;
        }
        at += static_cast<uint32_t>(run.size());
      },
      [&](RelocField field, uint64_t value) { at += written_size(field, value); });
  while (next < offsets.size()) offsets[next++] = none32;
}

// The size of a unit's first `count` instructions, with the locals' declaration.
uint32_t CodeCompressor::size_of_first(LinkObjectId id, const StoredMir& stored, uint32_t count) {
  const MirCode code{stored.code.opcodes.first(count), stored.code.operands.first(count), stored.code.extra};
  uint32_t size = 0;
  auto add_field = [&](RelocField field, uint64_t value) { size += written_size(field, value); };
  auto add_run = [&](Bytes run) { size += static_cast<uint32_t>(run.size()); };
  auto add_reloc = [&](const RelocRow& reloc) { read_field(id, reloc, add_field); };
  lower_locals(stored, add_run, add_reloc);
  lower_mir(code, link_.objects[id].unit->refs({code, {}, false}), form(), add_run, add_reloc);
  return size;
}

uint32_t CodeCompressor::origin(LinkObjectId id, FunctionId function, uint32_t offset) {
  const LinkObject& o = link_.objects[id];
  if (o.unit) {
    const StoredMir stored = o.unit->function(o.object.functions()[o.function.local(function)].offset);
    uint32_t first = 0, end = stored.code.size();
    while (end - first > 1) {
      const uint32_t middle = first + (end - first) / 2;
      (size_of_first(id, stored, middle) <= offset ? first : end) = middle;
    }
    return first;
  }
  uint32_t at = 0;               // in the output's body
  const uint8_t* from = nullptr; // where that came from
  uint32_t origin = none32;
  auto pass = [&](uint32_t size, uint32_t old_size) {
    if (from && offset >= at && offset - at < size)
      origin = static_cast<uint32_t>(from - o.bytes.data()) + std::min(offset - at, old_size - 1);
    at += size;
    if (from) from += old_size;
  };
  walk(
      id, function,
      [&](Bytes run) {
        const bool is_object = run.data() >= o.bytes.data() && run.data() < o.bytes.data() + o.bytes.size();
        from = is_object ? run.data() : nullptr; // or else it is an edit's
        pass(static_cast<uint32_t>(run.size()), static_cast<uint32_t>(run.size()));
      },
      [&](RelocField field, uint64_t value) { pass(written_size(field, value), field_width(field)); });
  return origin;
}

void CodeCompressor::find_instructions(LinkObjectId id, FunctionId function, Vector<uint32_t>& offsets) {
  uint32_t at = 0;
  auto note = [&](uint32_t) { offsets.push_back(at); };
  const FunctionRef<void(uint32_t)> instruction(note);
  walk(
      id, function, [&](Bytes run) { at += static_cast<uint32_t>(run.size()); },
      [&](RelocField field, uint64_t value) { at += written_size(field, value); }, &instruction);
  offsets.push_back(at);
}

uint32_t moved_offset(std::span<const CodeMove> moves, uint32_t offset) {
  auto after = std::upper_bound(moves.begin() + 1, moves.end(), offset,
                                [](uint32_t o, const CodeMove& move) { return o < move.old_offset; });
  uint32_t moved = after[-1].new_offset + (offset - after[-1].old_offset);
  // Within a field, no further than its end; beyond the body, its end.
  return std::min(moved, after == moves.end() ? moves.back().new_offset : after->new_offset);
}

uint32_t CodeCompressor::size(LinkObjectId id, FunctionId function) {
  uint32_t body = body_size(id, function);
  return uleb_size(body) + body;
}

uint32_t CodeCompressor::head_size(LinkObjectId id, FunctionId function) {
  return uleb_size(body_size(id, function));
}

uint8_t* CodeCompressor::write(LinkObjectId id, FunctionId function, uint8_t* out, Vector<RangeError>& errors) {
  out = write_uleb(out, body_size(id, function));
  errors_ = &errors;
  walk(
      id, function,
      [&](Bytes run) {
        if (!run.empty()) std::memcpy(out, run.data(), run.size());
        out += run.size();
      },
      [&](RelocField kind, uint64_t value) {
        if (pads()) {
          store_value(out, kind, value);
          out += field_width(kind);
          return;
        }
        switch (kind) {
        case RelocField::Uleb5: out = write_uleb(out, static_cast<uint32_t>(value)); break;
        case RelocField::Sleb5: out = write_sleb(out, static_cast<int32_t>(value)); break;
        case RelocField::Uleb10: out = write_uleb(out, value); break;
        case RelocField::Sleb10: out = write_sleb(out, static_cast<int64_t>(value)); break;
        default:
          for (uint32_t i = 0; i < field_width(kind); i++) *out++ = static_cast<uint8_t>(value >> (8 * i));
        }
      });
  errors_ = nullptr;
  return out;
}

} // namespace weld
