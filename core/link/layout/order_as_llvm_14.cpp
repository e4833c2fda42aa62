// LLD 14 collects custom sections in a hash table and writes them in its order. Tools of its time, and LLD's
// own tests, compare with that.
#include "core/link/layout/layout.h"

namespace weld {

// llvm::StringMap of LLVM 14: Bernstein's hash, quadratic probing, a table of 16 that doubles when three
// quarters are taken; what is in it then is put into the new one in the order of the old.
void order_as_llvm_14(const Marked& link, Table<OutCustomId, OutCustomSection>& sections) {
  auto hash_of = [&](OutCustomId section) {
    uint32_t hash = 0;
    for (char c : link.store.strings.text(sections[section].name)) hash = hash * 33 + static_cast<uint8_t>(c);
    return hash;
  };
  auto place = [&](Vector<OutCustomId>& buckets, OutCustomId section) {
    uint32_t mask = static_cast<uint32_t>(buckets.size()) - 1;
    uint32_t bucket = hash_of(section) & mask;
    for (uint32_t step = 1; buckets[bucket]; step++) bucket = (bucket + step) & mask;
    buckets[bucket] = section;
  };
  Vector<OutCustomId> buckets(16);
  for (OutCustomId section(0); section.row < sections.size(); section.row++) {
    place(buckets, section);
    if ((section.row + 1) * 4 <= buckets.size() * 3) continue;
    Vector<OutCustomId> larger(buckets.size() * 2);
    for (OutCustomId old : buckets)
      if (old) place(larger, old);
    buckets = std::move(larger);
  }
  Table<OutCustomId, OutCustomSection> ordered;
  for (OutCustomId section : buckets)
    if (section) ordered.add(std::move(sections[section]));
  sections = std::move(ordered);
}

} // namespace weld
