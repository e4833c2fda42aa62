#include "core/base/sort.h"
#include "core/base/vector.h"

#include <gtest/gtest.h>
#include <random>

namespace weld {
namespace {

// What std::vector does with the same calls.
TEST(Vector, DoesWhatStandardVectorsDo) {
  std::mt19937 random(7);
  auto below = [&](size_t n) { return n ? random() % n : 0; };
  Vector<uint32_t> ours;
  std::vector<uint32_t> theirs;
  for (int step = 0; step < 20'000; step++) {
    const auto value = static_cast<uint32_t>(random());
    const auto at = static_cast<std::ptrdiff_t>(below(theirs.size() + 1));
    const std::vector<uint32_t> some(below(5), value);
    switch (below(12)) {
    case 0: ours.push_back(value), theirs.push_back(value); break;
    case 1:
      if (!theirs.empty()) ours.push_back(ours[0]), theirs.push_back(theirs[0]); // a row of its own
      break;
    case 2: ours.append(some), theirs.insert(theirs.end(), some.begin(), some.end()); break;
    case 3:
      ours.insert(ours.begin() + at, some.data(), some.data() + some.size());
      theirs.insert(theirs.begin() + at, some.begin(), some.end());
      break;
    case 4: ours.insert(ours.begin() + at, value), theirs.insert(theirs.begin() + at, value); break;
    case 5: {
      const std::ptrdiff_t end =
          at + static_cast<std::ptrdiff_t>(below(theirs.size() - static_cast<size_t>(at) + 1));
      ours.erase(ours.begin() + at, ours.begin() + end);
      theirs.erase(theirs.begin() + at, theirs.begin() + end);
      break;
    }
    case 6: {
      const size_t size = below(100);
      ours.resize(size), theirs.resize(size);
      break;
    }
    case 7: {
      const size_t size = theirs.size() + below(4);
      ours.resize(size, value), theirs.resize(size, value);
      break;
    }
    case 8: ours.reserve(below(200)); break;
    case 9: {
      Vector<uint32_t> copy = ours, moved = std::move(copy);
      EXPECT_EQ(copy.size(), 0u); // NOLINT(bugprone-use-after-move): that is what is tested
      ours = moved;
      break;
    }
    case 10:
      if (below(50) == 0) ours = Vector<uint32_t>(some), theirs = some;
      break;
    case 11:
      erase_if(ours, [&](uint32_t row) { return row % 7 == value % 7; });
      std::erase_if(theirs, [&](uint32_t row) { return row % 7 == value % 7; });
      break;
    }
    ASSERT_TRUE(std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end())) << "step " << step;
  }
}

TEST(Vector, RowsWithInitializersGetThem) {
  struct Row {
    uint32_t number = 7;
    bool operator==(const Row&) const = default;
  };
  Vector<Row> rows(3);
  rows.resize(100);
  EXPECT_EQ(rows, Vector<Row>(100, Row()));
}

TEST(Sort, LeavesEqualRowsInTheirOrder) {
  std::mt19937 random(7);
  for (size_t size : {0u, 1u, 2u, 17u, 1000u}) {
    std::vector<std::pair<uint32_t, std::string>> rows;
    for (size_t i = 0; i < size; i++) rows.emplace_back(random() % 10, std::to_string(i));
    auto expected = rows;
    auto by_number = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(expected.begin(), expected.end(), by_number);
    sort_stably(rows, by_number);
    EXPECT_EQ(rows, expected);
  }
}

} // namespace
} // namespace weld
