#include "core/report/json_reader.h"

namespace weld {

void JsonReader::fail(std::string what) {
  if (failed()) return;
  error_ = std::move(what);
  error_offset_ = at_;
  at_ = text_.size();
}

uint8_t JsonReader::peek() {
  while (at_ < text_.size()) {
    const uint8_t c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return c;
    at_++;
  }
  return 0;
}

bool JsonReader::take(std::string_view word) {
  peek();
  if (as_text(text_.subspan(at_, std::min(word.size(), text_.size() - at_))) != word) return false;
  at_ += word.size();
  return true;
}

void JsonReader::begin(char bracket) {
  if (peek() != static_cast<uint8_t>(bracket)) return fail(std::string("expected `") + bracket + "`");
  at_++;
  first_ = true;
}

// Past the comma, or the closing bracket.
bool JsonReader::next(char closing) {
  if (failed()) return false;
  const bool is_first = first_;
  first_ = false;
  const uint8_t c = peek();
  if (c == static_cast<uint8_t>(closing)) {
    at_++;
    return false;
  }
  if (is_first) return true;
  if (c != ',') {
    fail(std::string("expected `,` or `") + closing + "`");
    return false;
  }
  at_++;
  return true;
}

bool JsonReader::next_key(std::string& key) {
  if (!next('}')) return false;
  text(key);
  if (peek() != ':') fail("expected `:`");
  else at_++;
  return !failed();
}

bool JsonReader::next_element() {
  return next(']');
}

uint32_t JsonReader::hex_unit() {
  uint32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    const uint8_t c = at_ < text_.size() ? text_[at_] : uint8_t{0};
    const uint8_t letter = c | 0x20;
    uint32_t digit;
    if (c >= '0' && c <= '9') digit = c - uint32_t{'0'};
    else if (letter >= 'a' && letter <= 'f') digit = letter - uint32_t{'a'} + 10;
    else return fail("expected four hexadecimal digits"), 0;
    unit = unit << 4 | digit;
    at_++;
  }
  return unit;
}

static void append_utf8(std::string& out, uint32_t c) {
  auto byte = [&](uint32_t b) { out += static_cast<char>(b); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) return byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f));
  if (c < 0x10000) return byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
}

void JsonReader::text(std::string& value) {
  value.clear();
  if (peek() != '"') return fail("expected a string");
  at_++;
  while (at_ < text_.size()) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && text_[at_] >= 0x20) at_++;
    value += as_text(text_.subspan(begin, at_ - begin));
    if (at_ == text_.size()) break;
    if (text_[at_] < 0x20) return fail("a control character in a string");
    if (text_[at_++] == '"') return;
    const uint8_t c = at_ < text_.size() ? text_[at_++] : uint8_t{0};
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (size_t i = letters.find(static_cast<char>(c)); c && i != letters.npos) {
      value += meanings[i];
      continue;
    }
    if (c != 'u') return fail("unknown escape in a string");
    uint32_t unit = hex_unit();
    if (unit >= 0xdc80 && unit <= 0xdcff) {
      value += static_cast<char>(unit - 0xdc00);
      continue;
    }
    if (unit >= 0xd800 && unit < 0xdc00) {
      if (!(as_text(text_.subspan(at_)).starts_with("\\u"))) return fail("half of a surrogate pair");
      at_ += 2;
      const uint32_t low = hex_unit();
      if (low < 0xdc00 || low > 0xdfff) return fail("half of a surrogate pair");
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if (unit >= 0xdc00 && unit <= 0xdfff) {
      return fail("half of a surrogate pair");
    }
    append_utf8(value, unit);
  }
  fail("a string without an end");
}

int64_t JsonReader::number() {
  const bool negative = peek() == '-';
  if (negative) at_++;
  const size_t begin = at_;
  uint64_t value = 0;
  for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; at_++) {
    value = value * 10 + (text_[at_] - uint64_t{'0'});
    if (value >> 53) return fail("a number that is too large"), 0; // JavaScript's stay exact
  }
  const size_t digits = at_ - begin;
  if (!digits || (digits > 1 && text_[begin] == '0')) return fail("expected a whole number"), 0;
  if (at_ < text_.size() && (text_[at_] == '.' || (text_[at_] | 0x20) == 'e'))
    return fail("expected a whole number"), 0;
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

bool JsonReader::boolean() {
  if (take("true")) return true;
  if (!take("false")) fail("expected true or false");
  return false;
}

void JsonReader::skip_number() {
  auto digits = [&] {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') at_++;
    return at_ - begin;
  };
  auto is = [&](char c) { return at_ < text_.size() && text_[at_] == static_cast<uint8_t>(c); };
  if (is('-')) at_++;
  const size_t begin = at_;
  size_t count = digits();
  if (!count || (count > 1 && text_[begin] == '0')) return fail("expected a value");
  if (is('.')) {
    at_++;
    if (!digits()) return fail("expected a digit");
  }
  if (is('e') || is('E')) {
    at_++;
    if (is('+') || is('-')) at_++;
    if (!digits()) return fail("expected a digit");
  }
}

void JsonReader::skip() {
  std::vector<char> open; // brackets
  std::string ignored;
  do {
    if (!open.empty()) {
      const bool more = open.back() == '{' ? next_key(ignored) : next_element();
      if (failed()) return;
      if (!more) {
        open.pop_back();
        continue;
      }
    }
    const uint8_t c = peek();
    if (c == '{' || c == '[') {
      begin(static_cast<char>(c));
      open.push_back(static_cast<char>(c));
    } else if (c == '"') {
      text(ignored);
    } else if (!take("true") && !take("false") && !take("null")) {
      skip_number();
    }
  } while (!open.empty() && !failed());
}

void JsonReader::end() {
  if (!failed() && (peek() || at_ < text_.size())) fail("something after the end");
}

} // namespace weld
