// The template of the generated objects. Compiled once per VARIANT and then stamped (stamp.mjs): in a copy,
// the tokens are replaced by other names of the same length.
//   X000000X  this object
//   Y000000Y  the next object       Z000000Z  an object far away
//   G000000G  a group of objects: what is in this namespace stands for a header that they share
// What it is made of is what linkers have work with: comdats, weak symbols, virtual tables, string literals,
// pointers in data, constructors, indirect calls, dead code. PARTS (0 to 16) decides how big it is.
#include "bench.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

namespace Y000000Y {
unsigned number();
}
namespace Z000000Z {
unsigned number();
extern const char* const words[4];
} // namespace Z000000Z

// "Headers": comdats. Those that depend on VARIANT are in every object of it, those of the group in all of
// the group.
namespace shared {
template <int N>
struct Shape {
  explicit Shape(unsigned size) : size_(size) {}
  virtual ~Shape() = default;
  virtual unsigned area() const { return size_ * (N + 1); }
  virtual const char* name() const { return "shape " TEXT(VARIANT); }
  unsigned size_;
};
template <int N>
struct Box : Shape<N> {
  using Shape<N>::Shape;
  unsigned area() const override { return this->size_ * this->size_ + N; }
  const char* name() const override { return "a box with corners"; }
};
template <int N>
inline unsigned counter = N;

template <int N>
[[gnu::noinline]] unsigned sum_of_areas(unsigned size) {
  Shape<N> shape(size);
  Box<N> box(size);
  const Shape<N>* both[] = {&shape, &box};
  unsigned sum = 0;
  for (unsigned i = 0; i < bench::two; ++i) sum += both[i]->area() + (both[i]->name() == nullptr);
  return sum - size * (N + 1) - size * size - N;
}
} // namespace shared

namespace G000000G {
inline const char* title() {
  return "the group G000000G";
}
template <int N>
struct Part {
  virtual ~Part() = default;
  [[gnu::noinline]] virtual unsigned of(unsigned x) const { return (x ^ (N * 2654435761u)) + bench::two; }
  [[gnu::noinline]] unsigned back(unsigned x) const { return (x - bench::two) ^ (N * 2654435761u); }
};
[[gnu::weak]] unsigned hook() {
  return 0;
}
} // namespace G000000G

namespace X000000X {
[[gnu::weak]] unsigned given_by_nobody();

extern const char* const words[4] = {"X000000X", "a word of X000000X", "word", "another word"};
static const char* const common[] = {
    "common text " TEXT(VARIANT),
    "text that every object has",
    "every object has",
    "file " TEXT(VARIANT) ".cpp",
};

// The digits of this object's name: only right when strings are merged and data relocated rightly.
unsigned number() {
  unsigned value = 0;
  for (const char* at = words[bench::two - 2] + 1; *at != 'X'; ++at) value = value * 10 + unsigned(*at - '0');
  return value;
}

// Each of the functions below returns 0 unless something went wrong.
static unsigned texts(unsigned x) {
  bench::Text text, same;
  (text += common[x % 4]) += words[1];
  text += G000000G::title();
  same += common[x % 4];
  return text.size() - same.size() - 18 - 18;
}

template <int N>
struct Entry {
  unsigned key;
  const char* text;
};

template <int N>
[[gnu::noinline]] unsigned part(unsigned x) {
  struct Local final : G000000G::Part<N> {
    unsigned of(unsigned y) const override { return G000000G::Part<N>::of(y + N); }
  } local;
  const G000000G::Part<N>* any = &local;
  bench::List<Entry<N>> list;
  for (unsigned i = 0; i < 6; ++i) list.push({(x * 31 + i * 7) % (N + 5), words[i % 4]});
  list.sort([](const Entry<N>& a, const Entry<N>& b) { return a.key < b.key; });
  unsigned wrong = 0;
  for (unsigned i = 1; i < list.size(); ++i) wrong += list[i - 1].key > list[i].key;
  return wrong + any->back(any->of(x)) - x - N + shared::sum_of_areas<VARIANT * 4 + N % 4>(x % 100);
}

using Function = unsigned (*)(unsigned);
template <int N>
struct Functions {
  static void call(unsigned x, unsigned& wrong) {
    Functions<N - 1>::call(x, wrong);
    static const Function mine[] = {part<N>, texts};
    for (Function function : mine) wrong += function(x);
  }
};
template <>
struct Functions<0> {
  static void call(unsigned, unsigned&) {}
};

// Reached by nobody.
unsigned dead_words(unsigned x) {
  bench::Text text;
  text += "never printed by X000000X";
  for (unsigned i = 0; i < x; ++i) text += words[i % 4];
  return text.size();
}
unsigned dead_areas(unsigned x) {
  return dead_words(x) + shared::sum_of_areas<1000 + VARIANT>(x);
}

static struct Member final : bench::Member {
  unsigned value() const override {
    unsigned wrong = G000000G::hook() + (given_by_nobody ? given_by_nobody() : 0);
    wrong += shared::sum_of_areas<VARIANT * 4>(number() % 50) + (Z000000Z::words[0][0] != 'X');
    ++shared::counter<VARIANT>;
    wrong += texts(number());
    Functions<PARTS>::call(number(), wrong);
    return number() + Y000000Y::number() + Z000000Z::number() + wrong;
  }
} member;
} // namespace X000000X
