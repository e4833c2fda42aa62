#include "core/link/splice_output.h"

#include "core/base/sort.h"
#include "core/wasm/engine_limits.h"

#include <cstring>

namespace weld {

void OutputSplices::add(const OutSection& section, size_t at, size_t old_size, size_t new_size,
                        RowRange content) {
  splices_.push_back(
      {static_cast<uint32_t>(&section - plan_.sections.data()), at, old_size, new_size, content});
}

void OutputSplices::resize(const OutSection& section, size_t at, size_t old_size, size_t new_size) {
  if (old_size != new_size) add(section, at, old_size, new_size, {});
}

void OutputSplices::replace(const OutSection& section, size_t at, size_t old_size, Bytes content) {
  const RowRange range{static_cast<uint32_t>(content_.size()), static_cast<uint32_t>(content.size())};
  content_.append(content);
  add(section, at, old_size, content.size(), range);
}

bool OutputSplices::apply() {
  if (splices_.empty()) return true;
  sort_stably(splices_, [](const Splice& a, const Splice& b) {
    return a.section != b.section ? a.section < b.section : a.at < b.at;
  });
  Vector<uint64_t> payloads;
  for (const OutSection& section : plan_.sections) payloads.push_back(section.payload_size);
  for (const Splice& splice : splices_)
    payloads[splice.section] += uint64_t{splice.new_size} - splice.old_size; // which may be less
  uint64_t size = output_.size();
  for (size_t i = 0; i < payloads.size(); i++) {
    const uint64_t before = plan_.sections[i].payload_size;
    size += payloads[i] + uleb_size(payloads[i]) - before - uleb_size(before);
  }
  if (size > engine_limit::module_size) return false; // which would be said

  // What stands between changes, where the changes are the splices and the sizes of sections that have some.
  Vector<Piece> pieces;
  Vector<size_t> places; // beside splices_: where their bytes come
  size_t from = 0, to = 0;
  auto keep = [&](size_t until) {
    if (from != to && until != from) pieces.push_back({from, to, until - from});
    to += until - from;
    from = until;
  };
  const Splice* splice = splices_.data();
  const Splice* const end = splice + splices_.size();
  for (uint32_t i = 0; i < plan_.sections.size(); i++) {
    OutSection& section = plan_.sections[i];
    const auto begin = static_cast<size_t>(section.offset);
    const size_t old_head = uleb_size(section.payload_size), new_head = uleb_size(payloads[i]);
    keep(begin - old_head);
    section.offset = to + new_head;
    if (splice == end || splice->section != i) continue;
    from = begin;
    to += new_head;
    for (; splice != end && splice->section == i; splice++) {
      keep(begin + splice->at);
      places.push_back(to);
      from += splice->old_size;
      to += splice->new_size;
    }
    section.payload_size = payloads[i];
  }
  keep(output_.size());

  // Those that move to the front never reach what is still to move back, nor the other way round.
  if (size > output_.size()) output_.resize(static_cast<size_t>(size));
  uint8_t* bytes = output_.data();
  for (const Piece& piece : pieces)
    if (piece.to < piece.from) std::memmove(bytes + piece.to, bytes + piece.from, piece.size);
  for (size_t i = pieces.size(); i-- > 0;)
    if (const Piece& piece = pieces[i]; piece.to > piece.from)
      std::memmove(bytes + piece.to, bytes + piece.from, piece.size);
  output_.truncate(static_cast<size_t>(size));
  plan_.size = size;

  for (size_t i = 0; i < splices_.size(); i++) {
    const Splice& one = splices_[i];
    const OutSection& section = plan_.sections[one.section];
    write_uleb(bytes + section.offset - uleb_size(section.payload_size), section.payload_size);
    if (one.content.count)
      std::memcpy(bytes + places[i], content_.data() + one.content.first, one.content.count);
  }
  return true;
}

} // namespace weld
