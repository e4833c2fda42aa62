#include "core/report/graph.h"

#include <algorithm>

namespace weld::report {

Graph::Graph(const Report& report) : report_(report) {
  const uint32_t live = report.live;
  // Counting sort of edges by their targets.
  begin_.assign(live + 2, 0);
  for (uint32_t item = 0; item < live; item++)
    for (uint32_t target : report.targets_of(item))
      if (target < live) begin_[target + 1]++;
  for (uint32_t i = 0; i + 1 < begin_.size(); i++) begin_[i + 1] += begin_[i];
  sources_.resize(begin_[live]);
  std::vector<uint32_t> next(begin_);
  for (uint32_t item = 0; item < live; item++)
    for (uint32_t target : report.targets_of(item))
      if (target < live) sources_[next[target]++] = item;

  roots_begin_.assign(live + 1, 0);
  for (const Root& root : report.roots) roots_begin_[root.item + 1]++;
  for (uint32_t i = 0; i < live; i++) roots_begin_[i + 1] += roots_begin_[i];
  roots_.resize(report.roots.size());
  next = roots_begin_;
  for (uint32_t row = 0; row < report.roots.size(); row++) roots_[next[report.roots[row].item]++] = row;
  find_roots();
}

// Besides those that the metafile names, what takes part in no garbage collection; and what it does not
// explain, as everything with --no-gc-sections.
void Graph::find_roots() {
  const uint32_t live = report_.live;
  is_root_.assign(live, false);
  std::vector<bool> reached(live);
  std::vector<uint32_t> queue;
  auto add_root = [&](uint32_t item) {
    is_root_[item] = true;
    if (!reached[item]) queue.push_back(item);
    reached[item] = true;
  };
  auto follow = [&] {
    while (!queue.empty()) {
      const uint32_t item = queue.back();
      queue.pop_back();
      for (uint32_t target : report_.targets_of(item)) {
        if (target >= live || reached[target]) continue;
        reached[target] = true;
        queue.push_back(target);
      }
    }
  };
  for (const Root& root : report_.roots) add_root(root.item);
  for (uint32_t item = 0; item < live; item++) {
    const ItemKind kind = report_.items[item].kind;
    if (kind == ItemKind::Custom || kind == ItemKind::Section || kind == ItemKind::Padding) add_root(item);
  }
  follow();
  for (uint32_t item = 0; item < live; item++) {
    if (reached[item]) continue;
    add_root(item);
    follow();
  }
}

std::vector<uint32_t> Graph::path_to(uint32_t item) const {
  // From the item backwards, so that only what keeps it is looked at.
  std::vector<uint32_t> next(report_.live, none), queue = {item}, path;
  next[item] = item;
  for (size_t at = 0; at < queue.size(); at++) {
    uint32_t here = queue[at];
    if (is_root_[here]) {
      for (; here != item; here = next[here]) path.push_back(here);
      path.push_back(item);
      return path;
    }
    for (uint32_t source : referrers(here)) {
      if (next[source] != none) continue;
      next[source] = here;
      queue.push_back(source);
    }
  }
  return path; // not reached: everything is a root or reached from one
}

// Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), with path
// compression. Vertices are numbered in the order of a depth-first search; 0 is what keeps the roots.
std::vector<uint32_t> Graph::dominators() const {
  const uint32_t live = report_.live, count = live + 1;
  std::vector<uint32_t> number(count, none), item_of, parent(count);
  item_of.reserve(count);
  number[live] = 0;
  item_of.push_back(live);
  struct Frame {
    uint32_t item, next;
  };
  std::vector<Frame> stack;
  auto visit = [&](uint32_t item, uint32_t from) {
    number[item] = static_cast<uint32_t>(item_of.size());
    parent[number[item]] = from;
    item_of.push_back(item);
    stack.push_back({item, 0});
  };
  for (uint32_t root = 0; root < live; root++) {
    if (!is_root_[root] || number[root] != none) continue;
    visit(root, 0);
    while (!stack.empty()) {
      const uint32_t item = stack.back().item;
      auto targets = report_.targets_of(item);
      if (stack.back().next == targets.size()) {
        stack.pop_back();
        continue;
      }
      const uint32_t target = targets[stack.back().next++];
      if (target < live && number[target] == none) visit(target, number[item]);
    }
  }

  std::vector<uint32_t> semi(count), label(count), ancestor(count, none), dominator(count);
  std::vector<uint32_t> bucket_head(count, none), bucket_next(count, none), way;
  for (uint32_t v = 0; v < count; v++) semi[v] = label[v] = v;
  auto evaluate = [&](uint32_t v) {
    if (ancestor[v] == none) return v;
    way.clear();
    for (; ancestor[ancestor[v]] != none; v = ancestor[v]) way.push_back(v);
    uint32_t above = v; // the last one before the top of its tree
    while (!way.empty()) {
      const uint32_t w = way.back();
      way.pop_back();
      if (semi[label[above]] < semi[label[w]]) label[w] = label[above];
      ancestor[w] = ancestor[above];
      above = w;
    }
    return label[above];
  };
  for (uint32_t v = count; --v > 0;) {
    const uint32_t item = item_of[v];
    auto meet = [&](uint32_t source) { semi[v] = std::min(semi[v], semi[evaluate(source)]); };
    if (is_root_[item]) semi[v] = 0;
    for (uint32_t source : referrers(item)) meet(number[source]);
    bucket_next[v] = bucket_head[semi[v]];
    bucket_head[semi[v]] = v;
    ancestor[v] = parent[v];
    for (uint32_t& head = bucket_head[parent[v]]; head != none; head = bucket_next[head]) {
      const uint32_t u = evaluate(head);
      dominator[head] = semi[u] < semi[head] ? u : parent[v];
    }
  }
  std::vector<uint32_t> result(live, live);
  for (uint32_t v = 1; v < count; v++) {
    if (dominator[v] != semi[v]) dominator[v] = dominator[dominator[v]];
    result[item_of[v]] = item_of[dominator[v]];
  }
  return result;
}

std::vector<uint64_t> Graph::retained_bytes() const {
  const uint32_t live = report_.live;
  const std::vector<uint32_t> dominator = dominators();
  // Children before parents: as often as something still waits for its children.
  std::vector<uint32_t> children(live + 1), ready;
  std::vector<uint64_t> bytes(live + 1);
  for (uint32_t item = 0; item < live; item++) {
    bytes[item] = report_.items[item].bytes;
    children[dominator[item]]++;
  }
  for (uint32_t item = 0; item < live; item++)
    if (!children[item]) ready.push_back(item);
  while (!ready.empty()) {
    const uint32_t item = ready.back();
    ready.pop_back();
    bytes[dominator[item]] += bytes[item];
    if (!--children[dominator[item]] && dominator[item] != live) ready.push_back(dominator[item]);
  }
  bytes.resize(live);
  return bytes;
}

} // namespace weld::report
