// D's names, as far as LLVM 19 reads them: dotted identifiers, back references, and types without template
// arguments or parameters. Types are read and not printed.
#include "core/base/demangle_tree.h"

namespace weld::demangling {

namespace {

class DPrinter {
public:
  DPrinter(std::string_view in, std::string& out, uint32_t max_size)
      : in_(in), out_(out), base_(out.size()), max_size_(max_size) {}

  bool mangled_name();

private:
  char look(size_t at) const { return at < in_.size() ? in_[at] : '\0'; }
  bool number(size_t& at, size_t& value) const;
  bool back_reference(size_t& at, size_t& target) const;
  bool at_symbol_name() const;
  bool identifier();
  bool symbol(size_t& at, size_t size);
  bool type();

  std::string_view in_;
  size_t at_ = 2;
  std::string& out_;
  size_t base_;
  uint32_t max_size_;
};

// A number is never the end of a name.
bool DPrinter::number(size_t& at, size_t& value) const {
  if (!is_digit(look(at))) return false;
  value = 0;
  for (; is_digit(look(at)); at++) {
    const uint32_t digit = static_cast<uint32_t>(in_[at] - '0');
    if (value > (~0u - digit) / 10) return false;
    value = value * 10 + digit;
  }
  return at < in_.size();
}

// Q [A-Z]* [a-z]: how far back to go from the Q, in base 26, the last digit in lower case.
bool DPrinter::back_reference(size_t& at, size_t& target) const {
  const size_t q = at++;
  size_t distance = 0;
  for (;; at++) {
    const char c = look(at);
    const bool is_last = c >= 'a' && c <= 'z';
    if (!is_last && (c < 'A' || c > 'Z')) return false;
    distance = distance * 26 + static_cast<size_t>(is_last ? c - 'a' : c - 'A');
    if (distance > q) return false;
    if (is_last) break;
  }
  at++;
  target = q - distance;
  return distance != 0;
}

bool DPrinter::at_symbol_name() const {
  if (look(at_) != 'Q') return is_digit(look(at_));
  size_t at = at_, target;
  return back_reference(at, target) && is_digit(look(target));
}

// <identifier> ::= <length> <bytes>
//              ::= Q <distance>           # to another identifier
bool DPrinter::identifier() {
  size_t size = 0;
  if (look(at_) == 'Q') {
    size_t target;
    if (!back_reference(at_, target) || !number(target, size) || in_.size() - target < size) return false;
    return symbol(target, size) && target < in_.size();
  }
  for (;;) {
    if (!number(at_, size) || size == 0 || in_.size() - at_ < size) return false;
    // `__S` and digits is a made up parent, which tells apart equal names in one function.
    if (size < 4 || in_.substr(at_, 3) != "__S") break;
    size_t digits = 3;
    while (digits < size && is_digit(look(at_ + digits))) digits++;
    if (digits < size) break;
    at_ += size;
    if (look(at_) == 'Q') return identifier();
  }
  return symbol(at_, size);
}

// The symbols of a class or module that the compiler makes come last, and are printed first, in place of the
// dot.
bool DPrinter::symbol(size_t& at, size_t size) {
  static constexpr const char* made[][2] = {
      {"__initZ", "initializer for "},      {"__vtblZ", "vtable for "},
      {"__ClassZ", "ClassInfo for "},       {"__InterfaceZ", "Interface for "},
      {"__ModuleInfoZ", "ModuleInfo for "},
  };
  const std::string_view rest = in_.substr(at);
  at += size;
  for (const auto& [name, text] : made) {
    if (size + 1 == std::string_view(name).size() && rest.starts_with(name)) {
      out_.insert(base_, text);
      out_.pop_back();
      return out_.size() - base_ <= max_size_;
    }
  }
  if (size > max_size_ - (out_.size() - base_)) return false;
  out_ += rest.substr(0, size);
  return true;
}

// <type> ::= i
//        ::= Q <distance>                 # to another type, always further back
bool DPrinter::type() {
  size_t at = at_;
  for (size_t last = in_.size(); look(at) == 'Q';) {
    if (at >= last) return false;
    last = at;
    size_t target;
    if (!back_reference(at, target)) return false;
    if (last == at_) at_ = at;
    else if (at == in_.size()) return false;
    at = target;
  }
  if (look(at) != 'i') return false;
  if (at == at_) at_++;
  return true;
}

// _D <identifier>+ Z
// _D <identifier>+ <type>
bool DPrinter::mangled_name() {
  bool first = true;
  do {
    if (look(at_) == '0') { // anonymous
      while (look(at_) == '0') at_++;
      continue;
    }
    if (!first) out_ += '.';
    first = false;
    if (!identifier()) return false;
  } while (at_symbol_name());
  if (look(at_) == 'Z') at_++;
  else if (!type()) return false;
  return at_ == in_.size() && out_.size() > base_;
}

} // namespace

bool demangle_d(std::string_view mangled, std::string& out, uint32_t max_size) {
  if (mangled == "_Dmain") return out += "D main", true;
  return DPrinter(mangled, out, max_size).mangled_name();
}

} // namespace weld::demangling
