// One link: core/link/README.md has the map.
//
// The state of a link is divided by stage (resolve/, live/, layout/, scan/, reduce/, index/, write/): what one stage has
// filled, the next ones only read. Entities (functions, segments, globals, tags, tables, custom sections) of all
// linked objects are numbered through: row = the object's base + the local index. A column holds one fact about
// each. What the linker makes itself (synthetic functions, globals, the indirect function table) has rows of its
// own: an Entity is one of an object or of the linker.
#pragma once

#include "core/link/context.h"

#include <memory>

namespace weld {

struct LinkState; // relink.h

// Runs all phases over the store's inputs. Gives what the next link can be made from, when that was asked for.
std::unique_ptr<LinkState> link_inputs(const LinkRequest& request, LinkResult& result);

} // namespace weld
