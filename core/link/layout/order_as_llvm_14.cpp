// LLD 14 collects custom sections in a hash table and writes them in its order. Tools of its time, and LLD's
// own tests, compare with that.
#include "core/link/layout/layout.h"

namespace weld {

// llvm::StringMap of LLVM 14: Bernstein's hash, quadratic probing, a table of 16 that doubles when three
// quarters are taken; what is in it then is put into the new one in the order of the old.
void order_as_llvm_14(const Marked& link, std::vector<OutCustomSection>& sections) {
  auto hash_of = [&](uint32_t section) {
    uint32_t hash = 0;
    for (char c : link.store.strings.text(sections[section].name)) hash = hash * 33 + static_cast<uint8_t>(c);
    return hash;
  };
  auto place = [&](Vector<uint32_t>& buckets, uint32_t section) {
    uint32_t mask = static_cast<uint32_t>(buckets.size()) - 1;
    uint32_t bucket = hash_of(section) & mask;
    for (uint32_t step = 1; buckets[bucket] != none32; step++) bucket = (bucket + step) & mask;
    buckets[bucket] = section;
  };
  Vector<uint32_t> buckets(16, none32);
  for (uint32_t section = 0; section < sections.size(); section++) {
    place(buckets, section);
    if ((section + 1) * 4 <= buckets.size() * 3) continue;
    Vector<uint32_t> larger(buckets.size() * 2, none32);
    for (uint32_t old : buckets)
      if (old != none32) place(larger, old);
    buckets = std::move(larger);
  }
  std::vector<OutCustomSection> ordered;
  for (uint32_t section : buckets)
    if (section != none32) ordered.push_back(std::move(sections[section]));
  sections = std::move(ordered);
}

} // namespace weld
