#include "core/report/names.h"

#include <algorithm>
#include <iterator>

namespace weld::report {

namespace {

constexpr size_t npos = std::string_view::npos;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<uint8_t>(c) >= 0x80;
}

char closing_of(char c) {
  return c == '<' ? '>' : c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : 0;
}

// The place behind the bracket that closes the one at `at`. Nothing recurses: `open` holds what is still to be closed.
size_t behind_bracket(std::string_view text, size_t at) {
  std::string open;
  for (; at < text.size(); at++) {
    const char c = text[at];
    const bool is_arrow = c == '>' && at && text[at - 1] == '-';
    if (const char closing = closing_of(c)) {
      // In parentheses `<` and `>` may compare.
      if (c != '<' || open.empty() || open.back() != ')') open += closing;
    } else if (!open.empty() && c == open.back() && !is_arrow) {
      open.pop_back();
      if (open.empty()) return at + 1;
    } else if (c == ')' || c == ']' || c == '}') {
      // An angle bracket that was an operator's.
      while (!open.empty() && open.back() == '>') open.pop_back();
      if (open.empty() || open.back() != c) return npos;
      open.pop_back();
      if (open.empty()) return at + 1;
    }
  }
  return npos;
}

bool take(std::string_view text, size_t& at, std::string_view word) {
  if (!text.substr(at).starts_with(word)) return false;
  at += word.size();
  return true;
}

bool is_inline_version(std::string_view component) {
  return component == "__1" || component == "__2" || component == "__cxx11" || component == "__ndk1";
}

// --- C++

class CppName {
public:
  CppName(std::string_view text, NameParts& out) : text_(text), out_(out) {}

  // False: the text is none that this reader understands.
  bool read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (take(text_, at_, "(anonymous namespace)")) component_ += "(anonymous namespace)";
      else if (component_.empty() && is_operator()) read_operator();
      else if (c == '<') {
        if (!skip()) return false;
        component_ += "<>";
      } else if (c == '(') {
        if (component_.empty() || component_.back() == '*')
          return false; // a pointer to a function is returned
        if (!skip()) return false;
        if (component_.ends_with('\'')) continue; // the parameters of a lambda
        if (component_.ends_with("decltype")) {
          component_ += "()";
          continue;
        }
        size_t behind = at_;
        const bool is_const = take(text_, behind, " const");
        for (std::string_view word : {" volatile", " &&", " &"}) take(text_, behind, word);
        if (!text_.substr(behind).starts_with("::")) {
          out_.is_member = is_const;
          break; // the parameters
        }
        at_ = behind; // a function around what is named
        component_ += "()";
      } else if (c == '[') {
        if (!skip()) return false; // [abi:v1]
      } else if (c == '{') {
        const size_t begin = at_;
        if (!skip()) return false;
        component_ += text_.substr(begin).starts_with("{lambda")
                          ? "{lambda}"
                          : std::string(text_.substr(begin, at_ - begin));
      } else if (c == '\'') {
        const size_t end = text_.find('\'', at_ + 1);
        if (end == npos) return false;
        const std::string_view quoted = text_.substr(at_, end + 1 - at_);
        component_ += quoted.starts_with("'lambda") ? "'lambda'" : std::string(quoted);
        at_ = end + 1;
      } else if (c == ' ') {
        const std::string_view rest = text_.substr(at_ + 1);
        if (rest.starts_with("[clone") || rest.starts_with("(.")) break;
        // A type that is returned.
        components_.clear();
        component_.clear();
        at_++;
      } else if (take(text_, at_, "::")) {
        end_component();
      } else {
        component_ += c;
        at_++;
      }
    }
    end_component();
    if (components_.empty()) return false;
    out_.base = std::move(components_.back());
    components_.pop_back();
    out_.scope = std::move(components_);
    size_t count = 0;
    while (count < out_.scope.size() && may_be_namespace(out_.scope[count])) count++;
    out_.namespaces = count;
    if (!out_.scope.empty()) {
      const std::string& around = out_.scope.back();
      const std::string_view plain = std::string_view(around).substr(0, around.find('<'));
      std::string_view base = std::string_view(out_.base).substr(0, out_.base.find('<'));
      if (base.starts_with('~')) base.remove_prefix(1);
      if (base == plain) out_.is_member = true;
    }
    return true;
  }

private:
  bool skip() {
    const size_t behind = behind_bracket(text_, at_);
    if (behind == npos) return false;
    at_ = behind;
    return true;
  }

  void end_component() {
    if (component_.empty()) return;
    const bool is_left_out =
        components_.size() == 1 && components_[0] == "std" && is_inline_version(component_);
    if (!is_left_out) components_.push_back(std::move(component_));
    component_.clear();
  }

  static bool may_be_namespace(std::string_view component) {
    return component == "(anonymous namespace)" || component.find_first_of("<({'") == npos;
  }

  bool is_operator() const {
    constexpr std::string_view word = "operator";
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with(word) && (rest.size() == word.size() || !is_word(rest[word.size()]));
  }

  void read_operator() {
    static constexpr std::string_view symbols[] = {
        "<<=", ">>=", "<=>", "->*", "()", "[]", "<<", ">>", "->", "++", "--", "&&", "||",
        "==",  "!=",  "<=",  ">=",  "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "+",
        "-",   "*",   "/",   "%",   "^",  "&",  "|",  "~",  "!",  "=",  "<",  ">",  ","};
    component_ += "operator";
    at_ += component_.size();
    for (std::string_view symbol : symbols)
      if (take(text_, at_, symbol)) {
        component_ += symbol;
        if (take(text_, at_, " <")) at_--; // `operator<< <int>`
        return;
      }
    // new, delete, a literal's, or the type that it converts to: up to the parameters.
    while (at_ < text_.size() && text_[at_] != '(') {
      if (text_[at_] == '<') {
        if (!skip()) break;
        component_ += "<>";
      } else {
        component_ += text_[at_++];
      }
    }
  }

  std::string_view text_;
  NameParts& out_;
  size_t at_ = 0;
  std::vector<std::string> components_;
  std::string component_;
};

struct Special {
  std::string_view prefix, word;
  bool is_type;
};
constexpr Special specials[] = {
    {"vtable for ", "(vtable)", true},
    {"VTT for ", "(vtable)", true},
    {"construction vtable for ", "(vtable)", true},
    {"typeinfo name for ", "(type information)", true},
    {"typeinfo for ", "(type information)", true},
    {"guard variable for ", " (guard)", false},
    {"reference temporary", " (temporary)", false},
    {"non-virtual thunk to ", " (thunk)", false},
    {"virtual thunk to ", " (thunk)", false},
    {"covariant return thunk to ", " (thunk)", false},
    {"thread-local wrapper routine for ", " (thread-local)", false},
    {"thread-local initialization routine for ", " (thread-local)", false},
};

bool split_cpp(std::string_view display, NameParts& parts) {
  for (const Special& special : specials) {
    if (!display.starts_with(special.prefix)) continue;
    display.remove_prefix(special.prefix.size());
    if (!special.is_type) {
      if (!CppName(display, parts).read()) return false;
      parts.base += special.word;
      return true;
    }
    if (!CppName(display.substr(0, display.find("-in-")), parts).read()) return false;
    parts.scope.push_back(std::move(parts.base)); // which may be one, by its name
    parts.base = special.word;
    parts.names_class = true;
    parts.is_member = false;
    return true;
  }
  return CppName(display, parts).read();
}

// --- Rust

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The older names: components of Itanium's, the last of which is a hash.
bool is_older_rust(std::string_view name, std::string_view display) {
  constexpr size_t hash = 19; // ::h0123456789abcdef
  return (name.starts_with("_ZN") || name == display) && display.size() > hash &&
         display.substr(display.size() - hash, 3) == "::h" && is_hex(display.substr(display.size() - 16));
}

// `_$LT$core..fmt..Formatter$u20$as$u20$core..fmt..Write$GT$` as it was written.
std::string decoded(std::string_view text) {
  static constexpr struct {
    std::string_view code, text;
  } codes[] = {{"$LT$", "<"},   {"$GT$", ">"},  {"$u20$", " "}, {"$RF$", "&"},  {"$BP$", "*"},
               {"$C$", ","},    {"$LP$", "("},  {"$RP$", ")"},  {"$u7b$", "{"}, {"$u7d$", "}"},
               {"$u5b$", "["},  {"$u5d$", "]"}, {"$u27$", "'"}, {"$u3b$", ";"}, {"$u2b$", "+"},
               {"$u22$", "\""}, {"..", "::"}};
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '_' && text.substr(at + 1).starts_with('$') && (!at || text[at - 1] == ':')) at++;
    bool is_code = false;
    for (const auto& [code, plain] : codes)
      if (take(text, at, code)) {
        out += plain;
        is_code = true;
        break;
      }
    if (!is_code && at < text.size()) out += text[at++];
  }
  return out;
}

// Components that `::` separates; what brackets hold belongs to theirs.
std::vector<std::string_view> components_of(std::string_view text) {
  std::vector<std::string_view> components;
  size_t begin = 0, at = 0;
  while (at < text.size()) {
    if (closing_of(text[at])) {
      at = behind_bracket(text, at);
      if (at == npos) return {};
    } else if (text[at] == ':' && text.substr(at).starts_with("::")) {
      components.push_back(text.substr(begin, at - begin));
      begin = at += 2;
    } else {
      at++;
    }
  }
  components.push_back(text.substr(begin));
  return components;
}

// `core::fmt::Formatter` of `&mut core::fmt::Formatter<T>`: none when it has no path.
std::vector<std::string> path_of_type(std::string_view type) {
  for (bool more = true; more && !type.empty();) {
    more = false;
    for (std::string_view word : {"&", "mut ", "*const ", "*mut ", "dyn ", "[", "(", "impl "})
      if (type.starts_with(word)) {
        type.remove_prefix(word.size());
        more = true;
      }
  }
  size_t end = 0;
  while (end < type.size() && (is_word(type[end]) || type[end] == ':')) end++;
  std::vector<std::string> path;
  for (std::string_view component : components_of(type.substr(0, end))) path.emplace_back(component);
  if (path.size() < 2) return {};
  if (end < type.size() && type[end] == '<') path.back() += "<>";
  return path;
}

std::string without_brackets(std::string_view component) {
  const size_t at = component.find('<');
  return at == npos ? std::string(component) : std::string(component.substr(0, at)) + "<>";
}

bool split_rust(std::string_view display, NameParts& parts) {
  const auto components = components_of(display);
  if (components.empty()) return false;
  std::vector<std::string> all;
  for (size_t i = 0; i < components.size(); i++) {
    const std::string_view component = components[i];
    if (component.empty()) continue;
    if (component.starts_with('{')) {
      const bool is_closure = component.find("closure") != npos;
      all.emplace_back(is_closure ? "{closure}" : std::string(component));
    } else if (!component.starts_with('<')) {
      all.push_back(without_brackets(component));
    } else if (component.starts_with("<impl ")) {
      all.emplace_back("<impl>");
    } else if (i) {
      if (!all.empty() && !all.back().ends_with('>')) all.back() += "<>"; // of a generic function
    } else {
      const std::string_view inside = component.substr(1, component.size() - 2);
      size_t as = 0; // outside of brackets
      while (as < inside.size() && !inside.substr(as).starts_with(" as ")) {
        const size_t behind = closing_of(inside[as]) ? behind_bracket(inside, as) : as + 1;
        if (behind == npos) return false;
        as = behind;
      }
      all = path_of_type(inside.substr(0, as));
      if (!all.empty()) continue;
      // A type of the language: the crate of the trait has the code.
      if (as < inside.size()) all = path_of_type(inside.substr(as + 4));
      if (!all.empty()) all.pop_back();
      all.push_back("<" + std::string(inside.substr(0, as)) + ">");
    }
  }
  if (all.empty()) return false;
  parts.base = std::move(all.back());
  all.pop_back();
  parts.scope = std::move(all);
  size_t count = 0;
  for (; count < parts.scope.size(); count++) {
    const std::string& component = parts.scope[count];
    const bool is_around_closure =
        count + 1 < parts.scope.size() ? parts.scope[count + 1][0] == '{' : parts.base[0] == '{';
    if ((component[0] >= 'A' && component[0] <= 'Z') || component.find_first_of("<{") != npos ||
        (is_around_closure && count))
      break;
  }
  parts.namespaces = count;
  return true;
}

// A name that was demangled before: a name section has such. Functions of C++ have parameters, Rust's have not.
Language language_of_demangled(std::string_view text) {
  const bool has_scope = text.find("::") != npos;
  if (has_scope && (text.starts_with('<') || text.find('(') == npos)) return Language::Rust;
  const bool has_parameters = text.find('(') != npos && (text.ends_with(')') || text.ends_with(") const"));
  return has_scope || has_parameters ? Language::Cpp : Language::Other;
}

} // namespace

std::string NameParts::whole() const {
  std::string text;
  for (const std::string& component : scope) text += component + "::";
  return text + base;
}

NameParts split_name(std::string_view name, std::string_view display) {
  NameParts parts;
  bool is_read = false;
  if (is_older_rust(name, display)) {
    parts.language = Language::Rust;
    is_read = split_rust(decoded(display.substr(0, display.size() - 19)), parts);
  } else {
    parts.language = name == display          ? language_of_demangled(display)
                     : name.starts_with("_R") ? Language::Rust
                     : name.starts_with("_Z") ? Language::Cpp
                                              : Language::Other;
    if (parts.language == Language::Rust) is_read = split_rust(display, parts);
    if (parts.language == Language::Cpp) is_read = split_cpp(display, parts);
  }
  if (is_read) return parts;
  NameParts plain;
  plain.language = parts.language;
  plain.base = display;
  return plain;
}

std::string_view crate_of_file(std::string_view path, std::string_view member) {
  constexpr std::string_view codegen_unit = ".rcgu.o";
  std::string_view file = path.substr(path.find_last_of("/\\") + 1);
  if (file.starts_with("lib") && file.ends_with(".rlib")) {
    file = file.substr(3, file.size() - 8);
    const size_t hash = file.rfind('-');
    return hash != npos && is_hex(file.substr(hash + 1)) ? file.substr(0, hash) : file;
  }
  if (!member.empty()) file = member;
  return file.ends_with(codegen_unit) ? file.substr(0, file.find('.')) : std::string_view();
}

} // namespace weld::report
