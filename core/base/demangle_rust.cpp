// Rust's names, mangled as version 0 (RFC 2603). Parsing prints at once: the mangled name is in the order of
// the text, and a back reference is parsed again where it stands.
#include "core/base/demangle_tree.h"

#include <algorithm>

namespace weld::demangling {

namespace {

// The depth at which LLVM gives up. A name can only come near it on purpose.
constexpr uint32_t max_depth = 500;

constexpr uint32_t no_place = ~0u;

// <basic-type> is one of the letters a to z.
constexpr const char* basic_types[] = {
    "i8",   "bool", "char", "f64",   "str",   "f32", nullptr, "u8", "isize", "usize", nullptr, "i32", "u32",
    "i128", "u128", "_",    nullptr, nullptr, "i16", "u16",   "()", "...",   nullptr, "i64",   "u64", "!",
};
constexpr const char* basic_type(char c) {
  return c >= 'a' && c <= 'z' ? basic_types[c - 'a'] : nullptr;
}

constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

class RustPrinter {
public:
  RustPrinter(std::string_view in, std::string& out, uint32_t max_size)
      : in_(in.data()), end_(static_cast<uint32_t>(in.size())), out_(out, max_size),
        steps_left_(2 * max_size) {}

  bool symbol_name(const char* suffix, size_t suffix_size);

private:
  char look() const { return failed_ || at_ >= end_ ? '\0' : in_[at_]; }
  char take();
  bool consume(char c);
  bool enter();
  void leave() { depth_--; }
  bool spend(uint64_t steps);

  void emit(const char* text, size_t size);
  void emit(const char* text) { emit(text, std::char_traits<char>::length(text)); }
  void emit(char c) { emit(&c, 1); }
  void emit_number(uint64_t value);
  void emit_lifetime(uint64_t index);
  void emit_identifier();
  void emit_punycode();
  void emit_code_point(uint64_t point);

  uint64_t base_62();
  uint64_t optional_base_62(char tag);
  uint64_t hexadecimal();
  void identifier();
  uint32_t back_reference();

  bool path(bool in_type, bool leave_open = false);
  void nested_path(bool in_type);
  void impl_path(bool in_type);
  void generic_arg();
  void type();
  void function_signature();
  void dyn_bounds();
  void dyn_trait();
  void binder();
  void constant();
  void constant_integer();
  void constant_bool();
  void constant_char();

  const char* in_;
  uint32_t at_ = 0;
  uint32_t end_;
  uint32_t text_at_ = 0; // the last identifier or the digits of the last hexadecimal number
  uint32_t text_size_ = 0;
  bool is_punycode_ = false; // the last identifier
  Sink out_;
  uint32_t steps_left_;
  uint32_t depth_ = 0;
  uint64_t bound_lifetimes_ = 0; // of all binders around
  bool printing_ = true;         // false in what is only skipped
  bool failed_ = false;
};

char RustPrinter::take() {
  const char c = look();
  if (failed_ || at_ >= end_) failed_ = true;
  else at_++;
  return c;
}

bool RustPrinter::consume(char c) {
  if (failed_ || at_ >= end_ || in_[at_] != c) return false;
  at_++;
  return true;
}

bool RustPrinter::enter() {
  if (depth_++ >= max_depth) failed_ = true;
  return spend(1);
}

bool RustPrinter::spend(uint64_t steps) {
  if (steps_left_ < steps) failed_ = true;
  else steps_left_ -= static_cast<uint32_t>(steps);
  return !failed_;
}

void RustPrinter::emit(const char* text, size_t size) {
  if (!failed_ && printing_ && !out_.add(text, size)) failed_ = true;
}

void RustPrinter::emit_number(uint64_t value) {
  if (!failed_ && printing_ && !out_.add_number(value)) failed_ = true;
}

// <lifetime> = "L" <base-62-number>
// The number counts binders outwards; 0 is an erased lifetime. The outermost bound one is called 'a.
void RustPrinter::emit_lifetime(uint64_t index) {
  if (index == 0) return emit("'_");
  if (index > bound_lifetimes_) {
    failed_ = true;
    return;
  }
  const uint64_t depth = bound_lifetimes_ - index;
  emit('\'');
  emit(depth < 26 ? static_cast<char>('a' + static_cast<char>(depth)) : 'z');
  if (depth >= 26) emit_number(depth - 25);
}

void RustPrinter::emit_code_point(uint64_t point) {
  if (point < 0x80) return emit(static_cast<char>(point));
  const int tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  emit(static_cast<char>((0xf0 << (3 - tail) & 0xff) | static_cast<int>(point >> 6 * tail)));
  for (int i = tail - 1; i >= 0; i--) emit(static_cast<char>(0x80 | (point >> 6 * i & 0x3f)));
}

// RFC 3492, with `_` for `-` between the ASCII characters and the places of the others.
void RustPrinter::emit_punycode() {
  const std::string_view name(in_ + text_at_, text_size_);
  constexpr uint64_t base = 36, min = 1, max = 26, skew = 38;
  constexpr uint64_t most = ~0ull;
  Vector<uint32_t> points;
  const size_t delimiter = name.rfind('_');
  size_t at = 0;
  if (delimiter != std::string_view::npos) {
    for (; at < delimiter; at++) push(points, static_cast<uint8_t>(name[at]));
    at++;
  }
  uint64_t damp = 700, bias = 72, point = 0x80;
  for (uint64_t i = 0; at != name.size(); i++) {
    const uint64_t old = i;
    uint64_t weight = 1;
    for (uint64_t k = base;; k += base) {
      const char c = at < name.size() ? name[at++] : '\0';
      if (!is_lower(c) && !is_digit(c)) return void(failed_ = true);
      const uint64_t digit = static_cast<uint64_t>(is_lower(c) ? c - 'a' : c - '0' + 26);
      if (digit > (most - i) / weight) return void(failed_ = true);
      i += digit * weight;
      const uint64_t threshold = k <= bias ? min : k >= bias + max ? max : k - bias;
      if (digit < threshold) break;
      if (weight > most / (base - threshold)) return void(failed_ = true);
      weight *= base - threshold;
    }
    const uint64_t count = points.size() + 1;
    uint64_t delta = (i - old) / damp;
    delta += delta / count;
    damp = 2;
    bias = 0;
    for (; delta > (base - min) * max / 2; bias += base) delta /= base - min;
    bias += (base - min + 1) * delta / (delta + skew);
    if (i / count > most - point) return void(failed_ = true);
    point += i / count;
    i %= count;
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || !spend(1 + count / 64))
      return void(failed_ = true);
    points.insert(points.begin() + static_cast<std::ptrdiff_t>(i), static_cast<uint32_t>(point));
  }
  for (const uint32_t p : points) emit_code_point(p);
}

// <base-62-number> = {<0-9a-zA-Z>} "_"       # _ is 0, 0_ is 1, 1_ is 2
uint64_t RustPrinter::base_62() {
  if (consume('_')) return 0;
  uint64_t value = 0;
  for (;;) {
    const char c = take();
    uint64_t digit;
    if (c == '_') break;
    else if (is_digit(c)) digit = static_cast<uint64_t>(c - '0');
    else if (is_lower(c)) digit = static_cast<uint64_t>(c - 'a') + 10;
    else if (is_upper(c)) digit = static_cast<uint64_t>(c - 'A') + 36;
    else return failed_ = true, 0;
    if (value > ~0ull / 62 || value * 62 > ~0ull - digit) return failed_ = true, 0;
    value = value * 62 + digit;
  }
  if (value == ~0ull) return failed_ = true, 0;
  return value + 1;
}

// Nothing is 0, <tag> _ is 1, <tag> 0_ is 2.
uint64_t RustPrinter::optional_base_62(char tag) {
  if (!consume(tag)) return 0;
  const uint64_t value = base_62();
  if (value == ~0ull) failed_ = true;
  return failed_ ? 0 : value + 1;
}

// <hex-number> = "0_" | <1-9a-f> {<0-9a-f>} "_"
uint64_t RustPrinter::hexadecimal() {
  uint64_t value = 0;
  text_at_ = at_;
  if (consume('0')) {
    if (!consume('_')) failed_ = true;
  } else if (look() == '_') {
    failed_ = true;
  } else {
    while (!failed_ && !consume('_')) {
      const char c = take();
      if (is_digit(c)) value = value * 16 + static_cast<uint64_t>(c - '0');
      else if (c >= 'a' && c <= 'f') value = value * 16 + static_cast<uint64_t>(c - 'a') + 10;
      else failed_ = true;
    }
  }
  text_size_ = at_ - 1 - text_at_;
  return value;
}

// <undisambiguated-identifier> = ["u"] <decimal-number> ["_"] <bytes>
void RustPrinter::identifier() {
  is_punycode_ = consume('u');
  uint64_t size = 0;
  if (!is_digit(look())) failed_ = true;
  if (!consume('0')) {
    for (; is_digit(look()); at_++) {
      if (size > end_) failed_ = true;
      size = size * 10 + static_cast<uint64_t>(in_[at_] - '0');
    }
  }
  consume('_');
  if (size > end_ - at_) failed_ = true;
  text_at_ = at_;
  text_size_ = failed_ ? 0 : static_cast<uint32_t>(size);
  at_ += text_size_;
  for (uint32_t i = 0; i < text_size_; i++) {
    const char c = in_[text_at_ + i];
    if (!is_digit(c) && !is_lower(c) && !is_upper(c) && c != '_') failed_ = true;
  }
}

void RustPrinter::emit_identifier() {
  if (!is_punycode_) emit(in_ + text_at_, text_size_);
  else if (!failed_ && printing_) emit_punycode();
}

// <backref> = "B" <base-62-number>
// The place to print from, or `no_place` if there is nothing to print. The caller goes there and returns.
uint32_t RustPrinter::back_reference() {
  const uint64_t place = base_62();
  if (place >= at_) failed_ = true;
  return !failed_ && printing_ ? static_cast<uint32_t>(place) : no_place;
}

// <symbol-name> = "_R" <path> [<instantiating-crate>]
bool RustPrinter::symbol_name(const char* suffix, size_t suffix_size) {
  path(false);
  if (!failed_ && at_ != end_) {
    printing_ = false;
    path(false);
    printing_ = true;
  }
  if (at_ != end_) failed_ = true;
  if (suffix_size != 0) {
    emit(" (");
    emit(suffix, suffix_size);
    emit(')');
  }
  return !failed_;
}

// <path> = "C" <identifier>                 # crate root
//        | "M" <impl-path> <type>           # <T>
//        | "X" <impl-path> <type> <path>    # <T as Trait>
//        | "Y" <type> <path>                # <T as Trait>
//        | "N" <namespace> <path> <identifier>
//        | "I" <path> {<generic-arg>} "E"
//        | <backref>
// <identifier> = ["s" <base-62-number>] <undisambiguated-identifier>
// With `leave_open` the `>` of generic arguments is left to the caller, who learns so.
bool RustPrinter::path(bool in_type, bool leave_open) {
  bool is_open = false;
  if (enter()) {
    const char c = take();
    switch (c) {
    case 'C':
      optional_base_62('s');
      identifier();
      emit_identifier();
      break;
    case 'M':
    case 'X':
    case 'Y':
      if (c != 'Y') impl_path(in_type);
      emit('<');
      type();
      if (c != 'M') {
        emit(" as ");
        path(true);
      }
      emit('>');
      break;
    case 'N': nested_path(in_type); break;
    case 'I':
      path(in_type);
      emit(in_type ? "<" : "::<");
      for (bool first = true; !failed_ && !consume('E'); first = false) {
        if (!first) emit(", ");
        generic_arg();
      }
      is_open = leave_open;
      if (!is_open) emit('>');
      break;
    case 'B': {
      const uint32_t place = back_reference();
      if (place != no_place) {
        const uint32_t after = at_;
        at_ = place;
        is_open = path(in_type, leave_open);
        at_ = after;
      }
      break;
    }
    default: failed_ = true;
    }
  }
  leave();
  return is_open;
}

// <namespace> = "C"      # closure
//             | "S"      # shim
//             | <A-Z>    # special, and shown
//             | <a-z>    # the compiler's own
void RustPrinter::nested_path(bool in_type) {
  const char space = take();
  if (!is_lower(space) && !is_upper(space)) failed_ = true;
  path(in_type);
  const uint64_t disambiguator = optional_base_62('s');
  identifier();
  if (is_upper(space)) {
    emit("::{");
    if (space == 'C') emit("closure");
    else if (space == 'S') emit("shim");
    else emit(space);
    if (text_size_ != 0) {
      emit(':');
      emit_identifier();
    }
    emit('#');
    emit_number(disambiguator);
    emit('}');
  } else if (text_size_ != 0) {
    emit("::");
    emit_identifier();
  }
}

// <impl-path> = ["s" <base-62-number>] <path>
void RustPrinter::impl_path(bool in_type) {
  const bool old = printing_;
  printing_ = false;
  optional_base_62('s');
  path(in_type);
  printing_ = old;
}

// <generic-arg> = <lifetime> | <type> | "K" <const>
void RustPrinter::generic_arg() {
  if (consume('L')) emit_lifetime(base_62());
  else if (consume('K')) constant();
  else type();
}

// <type> = <basic-type>
//        | <path>
//        | "A" <type> <const>                    # [T; N]
//        | "S" <type>                            # [T]
//        | "T" {<type>} "E"                      # (T, U)
//        | "R" [<lifetime>] <type>               # &T
//        | "Q" [<lifetime>] <type>               # &mut T
//        | "P" <type>                            # *const T
//        | "O" <type>                            # *mut T
//        | "F" <fn-sig>
//        | "D" <dyn-bounds> <lifetime>
//        | <backref>
void RustPrinter::type() {
  if (enter()) {
    const char c = take();
    if (const char* basic = basic_type(c)) {
      emit(basic);
      return leave();
    }
    switch (c) {
    case 'A':
    case 'S':
      emit('[');
      type();
      if (c == 'A') {
        emit("; ");
        constant();
      }
      emit(']');
      break;
    case 'T': {
      emit('(');
      uint32_t count = 0;
      for (; !failed_ && !consume('E'); count++) {
        if (count != 0) emit(", ");
        type();
      }
      emit(count == 1 ? ",)" : ")");
      break;
    }
    case 'R':
    case 'Q':
      emit('&');
      if (consume('L')) {
        if (const uint64_t lifetime = base_62()) {
          emit_lifetime(lifetime);
          emit(' ');
        }
      }
      if (c == 'Q') emit("mut ");
      type();
      break;
    case 'P':
    case 'O':
      emit(c == 'P' ? "*const " : "*mut ");
      type();
      break;
    case 'F': function_signature(); break;
    case 'D':
      dyn_bounds();
      if (!consume('L')) {
        failed_ = true;
      } else if (const uint64_t lifetime = base_62()) {
        emit(" + ");
        emit_lifetime(lifetime);
      }
      break;
    case 'B': {
      const uint32_t place = back_reference();
      if (place != no_place) {
        const uint32_t after = at_;
        at_ = place;
        type();
        at_ = after;
      }
      break;
    }
    default:
      if (!failed_) {
        at_--;
        path(true);
      }
    }
  }
  leave();
}

// <fn-sig> = [<binder>] ["U"] ["K" <abi>] {<type>} "E" <type>
// <abi> = "C" | <undisambiguated-identifier>
void RustPrinter::function_signature() {
  const uint64_t old_bound = bound_lifetimes_;
  binder();
  if (consume('U')) emit("unsafe ");
  if (consume('K')) {
    emit("extern \"");
    if (consume('C')) {
      emit('C');
    } else {
      identifier();
      if (is_punycode_) failed_ = true;
      for (uint32_t i = 0; i < text_size_; i++) emit(in_[text_at_ + i] == '_' ? '-' : in_[text_at_ + i]);
    }
    emit("\" ");
  }
  emit("fn(");
  for (bool first = true; !failed_ && !consume('E'); first = false) {
    if (!first) emit(", ");
    type();
  }
  emit(')');
  if (!consume('u')) { // () is left out
    emit(" -> ");
    type();
  }
  bound_lifetimes_ = old_bound;
}

// <dyn-bounds> = [<binder>] {<dyn-trait>} "E"
void RustPrinter::dyn_bounds() {
  const uint64_t old_bound = bound_lifetimes_;
  emit("dyn ");
  binder();
  for (bool first = true; !failed_ && !consume('E'); first = false) {
    if (!first) emit(" + ");
    dyn_trait();
  }
  bound_lifetimes_ = old_bound;
}

// <dyn-trait> = <path> {"p" <undisambiguated-identifier> <type>}
void RustPrinter::dyn_trait() {
  bool is_open = path(true, true);
  while (!failed_ && consume('p')) {
    emit(is_open ? ", " : "<");
    is_open = true;
    identifier();
    emit(in_ + text_at_, text_size_);
    emit(" = ");
    type();
  }
  if (is_open) emit('>');
}

// <binder> = "G" <base-62-number>
void RustPrinter::binder() {
  const uint64_t count = optional_base_62('G');
  if (failed_ || count == 0) return;
  // Each lifetime is used later, which takes a byte.
  if (count >= end_ - bound_lifetimes_) {
    failed_ = true;
    return;
  }
  emit("for<");
  for (uint64_t i = 0; i < count && spend(1); i++) {
    bound_lifetimes_++;
    if (i != 0) emit(", ");
    emit_lifetime(1);
  }
  emit("> ");
}

// <const> = <basic-type> <const-data> | "p" | <backref>
void RustPrinter::constant() {
  if (enter()) {
    switch (take()) {
    case 'a':
    case 's':
    case 'l':
    case 'x':
    case 'n':
    case 'i':
    case 'h':
    case 't':
    case 'm':
    case 'y':
    case 'o':
    case 'j': constant_integer(); break;
    case 'b': constant_bool(); break;
    case 'c': constant_char(); break;
    case 'p': emit('_'); break;
    case 'B': {
      const uint32_t place = back_reference();
      if (place != no_place) {
        const uint32_t after = at_;
        at_ = place;
        constant();
        at_ = after;
      }
      break;
    }
    default: failed_ = true;
    }
  }
  leave();
}

// <const-data> = ["n"] <hex-number>
void RustPrinter::constant_integer() {
  if (consume('n')) emit('-');
  const uint64_t value = hexadecimal();
  if (text_size_ <= 16) return emit_number(value);
  emit("0x");
  emit(in_ + text_at_, text_size_);
}

void RustPrinter::constant_bool() {
  const uint64_t value = hexadecimal();
  if (text_size_ != 1 || value > 1) failed_ = true;
  emit(value != 0 ? "true" : "false");
}

void RustPrinter::constant_char() {
  const uint64_t value = hexadecimal();
  if (text_size_ > 6) failed_ = true;
  emit('\'');
  if (value == '\t' || value == '\r' || value == '\n' || value == '\\' || value == '\'') {
    emit('\\');
    emit(value == '\t' ? 't' : value == '\r' ? 'r' : value == '\n' ? 'n' : static_cast<char>(value));
  } else if (value >= 0x20 && value <= 0x7e) {
    emit(static_cast<char>(value));
  } else {
    emit("\\u{");
    emit(in_ + text_at_, text_size_);
    emit('}');
  }
  emit('\'');
}

} // namespace

bool demangle_rust(std::string_view mangled, std::string& out, uint32_t max_size) {
  const size_t dot = std::min(mangled.find('.'), mangled.size());
  return RustPrinter(mangled.substr(2, dot - 2), out, max_size)
      .symbol_name(mangled.data() + dot, mangled.size() - dot);
}

} // namespace weld::demangling
