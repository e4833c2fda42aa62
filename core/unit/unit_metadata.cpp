// What a unit says of itself, as an object does in custom sections.
#include "core/unit/unit.h"

#include <algorithm>

namespace weld {

bool Unit::set_features(std::span<const StatedFeature> features) {
  Vector<FeatureRow> rows;
  for (const StatedFeature& feature : features) {
    if (feature.name.empty()) return refuse(name_, "a feature has no name");
    const StringId id = strings_.intern(feature.name);
    if (std::any_of(rows.begin(), rows.end(), [&](const FeatureRow& row) { return row.name == id; }))
      return refuse(name_, "the feature `" + std::string(feature.name) + "` is stated twice");
    rows.push_back({feature.forbidden ? uint32_t{'-'} : uint32_t{'+'}, id});
  }
  auto is_same = [](const FeatureRow& a, const FeatureRow& b) {
    return a.prefix == b.prefix && a.name == b.name;
  };
  if (!std::equal(rows.begin(), rows.end(), features_.begin(), features_.end(), is_same))
    changes("other features");
  features_ = std::move(rows);
  return true;
}

bool Unit::set_producers(std::span<const StatedProducer> producers) {
  Vector<ProducerRow> rows;
  for (const StatedProducer& producer : producers) {
    if (producer.name.empty()) return refuse(name_, "a producer has no name");
    const StringId id = strings_.intern(producer.name);
    auto is_same = [&](const ProducerRow& row) { return row.field == producer.field && row.name == id; };
    if (std::any_of(rows.begin(), rows.end(), is_same))
      return refuse(name_, "the producer `" + std::string(producer.name) + "` is stated twice");
    rows.push_back({producer.field, id, strings_.intern(producer.version)});
  }
  auto is_equal = [](const ProducerRow& a, const ProducerRow& b) {
    return a.field == b.field && a.name == b.name && a.version == b.version;
  };
  if (!std::equal(rows.begin(), rows.end(), producers_.begin(), producers_.end(), is_equal))
    changes("other producers");
  producers_ = std::move(rows);
  return true;
}

} // namespace weld
