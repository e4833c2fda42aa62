#include "core/tool/response_files.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weld {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// GNU: a backslash makes the next character ordinary, in quotes too; an empty pair of quotes is no argument.
void split_gnu(std::string_view text, std::vector<std::string>& out) {
  std::string token;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      token += text[++i];
    } else if (c == '"' || c == '\'') {
      for (i++; i < text.size() && text[i] != c; i++) {
        if (text[i] == '\\' && i + 1 < text.size()) i++;
        token += text[i];
      }
    } else if (!is_space(c)) {
      token += c;
    } else if (!token.empty()) {
      out.push_back(std::move(token));
      token.clear();
    }
  }
  if (!token.empty()) out.push_back(std::move(token));
}

// Windows: backslashes are ordinary, except before a double quote, where two make one and an odd one quotes
// the quote.
void split_windows(std::string_view text, std::vector<std::string>& out) {
  std::string token;
  bool in_token = false, in_quotes = false;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (!in_quotes && (is_space(c) || c == '\0')) {
      if (in_token) out.push_back(std::move(token));
      token.clear();
      in_token = false;
      continue;
    }
    in_token = true;
    if (c == '\\') {
      size_t count = 1;
      while (i + 1 < text.size() && text[i + 1] == '\\') i++, count++;
      bool before_quote = i + 1 < text.size() && text[i + 1] == '"';
      token.append(before_quote ? count / 2 : count, '\\');
      if (before_quote && count % 2) token += text[++i];
    } else if (c == '"') {
      if (in_quotes && i + 1 < text.size() && text[i + 1] == '"') token += text[++i];
      else in_quotes = !in_quotes;
    } else {
      token += c;
    }
  }
  if (in_token) out.push_back(std::move(token));
}

} // namespace

void split_response_file(std::string_view text, bool windows_quoting, std::vector<std::string>& out) {
  // Byte order marks. PowerShell writes UTF-16.
  std::string converted;
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    converted = utf8_of_utf16(text.substr(2), text[0] == '\xfe');
    text = converted;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t before = out.size();
  if (windows_quoting) split_windows(text, out);
  else split_gnu(text, out);
  // As in the arguments of a program, a zero ends one. What is empty then is none.
  for (size_t i = before; i < out.size();) {
    const size_t size = out[i].find('\0');
    if (size == 0) out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
    else if (size == out[i].npos) i++;
    else out[i++].resize(size);
  }
}

void expand_response_files(std::vector<std::string>& args, bool windows_quoting, Files& files,
                           Diagnostics& diagnostics) {
  constexpr size_t too_many = 1 << 18; // a few files that repeat each other would fill any memory
  constexpr size_t too_deep = 64;
  struct OpenFile {
    std::string path;
    size_t arguments_after; // it ends where that many are left
  };
  std::vector<OpenFile> open;
  std::vector<std::string> result, pending(args.rbegin(), args.rend());
  while (!pending.empty()) {
    while (!open.empty() && pending.size() <= open.back().arguments_after) open.pop_back();
    std::string arg = std::move(pending.back());
    pending.pop_back();
    FileBytes file;
    std::string error, path = arg.starts_with('@') ? arg.substr(1) : std::string();
    if (path.empty() || !files.exists(path)) {
      result.push_back(std::move(arg));
      continue;
    }
    bool recursive = std::any_of(open.begin(), open.end(), [&](const OpenFile& f) { return f.path == path; });
    if (recursive || open.size() == too_deep)
      diagnostics.report(DiagnosticId::response_file_recursion, {files.absolute_path(path)});
    if (recursive || open.size() == too_deep || !files.read(path, file, error)) {
      result.push_back(std::move(arg));
      continue;
    }
    std::vector<std::string> inside;
    split_response_file(as_text(file.bytes()), windows_quoting, inside);
    if (result.size() + pending.size() + inside.size() > too_many) {
      diagnostics.report(DiagnosticId::response_files_too_large);
      return;
    }
    open.push_back({std::move(path), pending.size()});
    pending.insert(pending.end(), std::make_move_iterator(inside.rbegin()),
                   std::make_move_iterator(inside.rend()));
  }
  args = std::move(result);
}

} // namespace weld
