// Names and paths are bytes that are meant to be UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weld {

// Length of the UTF-8 sequence at the start of `text`; 0 when there is none.
size_t utf8_length(std::string_view text);
// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

// The same text in UTF-8. A surrogate without its other half, and half a code unit at the end, become U+FFFD.
std::string utf8_of_utf16(std::string_view bytes, bool is_big_endian);

// Whether a sequence does nothing to a terminal: it is none of the control characters, and none that change the
// direction of text.
bool is_printable(std::string_view sequence);

// Appends `text` so that it does nothing to a terminal and stays in its line: control characters, those that
// change the direction of text, and what is not UTF-8 become `\x1b`, byte by byte.
void append_printable(std::string& out, std::string_view text);
// The same of a text of many lines, which keeps its line ends and tabs.
std::string printable_lines(std::string_view text);

} // namespace weld
