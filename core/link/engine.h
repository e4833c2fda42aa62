// Whom a link asks whether its output is valid: whoever runs the link lends an engine. The npm package lends the one that
// it runs in.
#pragma once

#include "core/base/bytes.h"
#include "core/input/object.h"

#include <functional>
#include <string>

namespace weld {

// What an engine says of a module.
struct EngineAnswer {
  bool is_valid = true;
  enum Lack : uint8_t { Nothing, Instruction, Other };
  Lack lacks = Nothing;     // what it does not know, when that is what it says
  std::string text;         // what is wrong, in its words, without the place; empty: it does not say
  uint32_t offset = none32; // of the fault in the module; none32: it does not say
  // The row of the module's function that the fault is in; then `offset` counts from the body, behind its size.
  uint32_t function = none32;
};

// Asks an engine whether it takes a module.
using Engine = std::function<EngineAnswer(Bytes module)>;

} // namespace weld
