// The page that `weld size --html` puts its answer into: size_page.html, in the native program.
#pragma once

#include <string_view>

namespace weld {

std::string_view size_page_template();

} // namespace weld
