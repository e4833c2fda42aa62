#include "core/link/compress_code.h"

#include "core/link/walk_code.h"

namespace weld {

// Calls `run` for the bytes between relocated fields and `field` for each field with its value.
template <class Run, class Field>
void CodeCompressor::walk(LinkObjectId id, uint32_t function, Run run, Field field) {
  const LinkObject& o = link_.objects[id];
  walk_code(link_, id, function, pads() ? MirForm::Relocatable : MirForm::Final, run,
            [&](const RelocRow& reloc) {
              RelocField kind = traits(reloc.reloc_type()).field;
              if (reloc.reloc_type() != RelocType::TYPE_INDEX_LEB)
                return field(kind, reloc_value(link_, id, reloc, values_.of(o, reloc.index), 0, 0));
              // A block's type is signed: so it is no value type, whatever its number.
              if (reloc.addend && !pads()) kind = RelocField::Sleb5;
              field(kind, link_.type_of_signature[o.object.types()[reloc.index].row]);
            });
}

// Where relocations stay, fields are as wide as they can become.
bool CodeCompressor::pads() const {
  return link_.options.relocatable || link_.options.emit_relocs;
}

uint32_t CodeCompressor::body_size(LinkObjectId id, uint32_t function) {
  uint32_t size = 0;
  walk(
      id, function, [&](Bytes run) { size += static_cast<uint32_t>(run.size()); },
      [&](RelocField kind, uint64_t value) {
        if (pads()) {
          size += field_width(kind);
          return;
        }
        switch (kind) {
        case RelocField::Uleb5: size += uleb_size(static_cast<uint32_t>(value)); break;
        case RelocField::Sleb5: size += sleb_size(static_cast<int32_t>(value)); break;
        case RelocField::Uleb10: size += uleb_size(value); break;
        case RelocField::Sleb10: size += sleb_size(static_cast<int64_t>(value)); break;
        default: size += field_width(kind);
        }
      });
  return size;
}

uint32_t CodeCompressor::size(LinkObjectId id, uint32_t function) {
  uint32_t body = body_size(id, function);
  return uleb_size(body) + body;
}

uint8_t* CodeCompressor::write(LinkObjectId id, uint32_t function, uint8_t* out) {
  out = write_uleb(out, body_size(id, function));
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
  return out;
}

} // namespace weld
