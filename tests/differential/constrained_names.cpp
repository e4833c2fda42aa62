// Names for demangle.mjs: templates whose parameters are constrained in every way that the language has. From clang 20
// on, their names say how.
template <class T, class U>
concept Converts = requires(T t, U u) {
  u = t;
};
template <class T>
concept Sized = sizeof(T) > 0;
template <int N>
concept Positive = N >
0;

template <Converts<int> T>
void with_argument(T) {}
template <class U, Converts<U> T>
void with_parameter(T, U) {}
template <Sized auto N>
void value() {}
template <class U, Converts<U> auto N>
void value_with_parameter(U) {}
template <Sized... Ts>
void pack(Ts...) {}
template <class U, Converts<U>... Ts>
void pack_with_parameter(U, Ts...) {}
void shorthand(Sized auto) {}
template <class U>
void shorthand_with_parameter(U, Converts<U> auto) {}
template <class T>
requires Sized<T>
void requires_before(T) {}
template <class T>
void requires_after(T) requires Sized<T> {}
template <Sized T>
requires requires(T t) {
  { t + t }
  noexcept->Converts<T>;
  requires Converts<T, T>;
}
void requires_more(T) {}

template <Sized T>
struct Box {};
template <class A, Converts<A> B>
struct Pair {};
template <template <Sized> class Outer>
void of_template(Outer<int>) {}
template <template <class A, Converts<A>> class Outer>
void of_template_with_parameter() {}
template <template <class A, Converts<A>> class...>
struct Templates {};
void templates(Templates<Pair>) {}

template <class U>
struct Class {
  template <Converts<U> T>
  void member(T) {}
  template <class V, Converts<V> T>
  void member_with_parameter(T, V) {}
  template <class V, Converts<V>... T>
  static auto deduced(V v, T...) {
    return v;
  }
  void shorthand(Converts<U> auto) {}
  void constrained() requires Sized<U> {}
  template <Converts<U> T>
  operator T() {
    return {};
  }
  template <Converts<U> T>
  explicit Class(T, U) {}
  Class() = default;
  template <class T>
  requires Converts<T, U> && Positive<sizeof(T)>
  void both(T) {}
  template <Sized T>
  requires Converts<T, U>
  friend void friend_of(T, Class) {}
  template <Converts<U> T>
  struct Inner {
    template <Converts<T> V, Converts<U> W>
    void inmost(V, W) {}
  };
};

auto lambda = []<Sized T>(T t) {
  return [=]<Converts<T> U>(U u, Converts<U> auto v) {
    struct Local {
      static void function() {}
    };
    Local::function();
    return v;
  };
};
template <class T>
void takes_lambda(T t) {
  t(1);
}

#ifdef __SIZEOF_INT128__
void integers(_BitInt(7), unsigned _BitInt(9) *, _BitInt(7) *) {}
#endif

struct Pointer {
  template <class T>
  int* operator->*(T) {
    return nullptr;
  }
};

int main() {
  with_argument(1);
  with_parameter(1, 2);
  value<1>();
  value_with_parameter<int, 1>(1);
  pack(1, 2.0);
  pack_with_parameter(1, 2, 3);
  shorthand(1);
  shorthand_with_parameter(1, 2);
  requires_before(2);
  requires_after(2);
  of_template(Box<int>());
  of_template_with_parameter<Pair>();
  templates({});
  Class<long> object;
  object.member(1);
  object.member_with_parameter(1, 2);
  object.deduced(1, 2, 3);
  object.shorthand(1);
  object.constrained();
  object.both(1);
  (void)object.operator int();
  Class<long> other(1, 2);
  friend_of(1, object);
  Class<long>::Inner<int>().inmost(1, 2L);
  lambda(1)(2, 3);
  takes_lambda([](Sized auto) {});
  takes_lambda([]<class... T>(Sized auto, T...) {});
  Pointer()->*1;
}
