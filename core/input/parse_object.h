// Reads an object file into its tables. Every byte comes from a stranger: each number is checked against what
// it counts or refers to before it is used, so that a link can trust the tables without looking again.
#pragma once

#include "core/base/diagnostics.h"
#include "core/base/string_pool.h"
#include "core/input/object.h"

namespace weld {

struct ParseContext {
  StringPool& strings;
  SignaturePool& signatures;
  Diagnostics& diagnostics;
  ObjectTables& tables; // scratch; its capacity is reused
};

// False, with one diagnostic, when the bytes are malformed, not relocatable, or use what is not supported.
// `where` names the input and member; the section and offset are filled in.
bool parse_object(Bytes file, const Location& where, ParseContext context, Object& out);

} // namespace weld
