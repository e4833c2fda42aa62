// What a unit is made of, to read: for compilers that have a unit from a snapshot, and for tools.
#pragma once

#include "core/base/json.h"
#include "core/unit/unit.h"

namespace weld {

// The types of a function's locals, without its parameters.
Vector<ValueType> locals_of(const StoredMir& function);

// A symbol by its number, with its kind and its name.
void write_name(JsonWriter& json, const Unit& unit, UnitSymbol symbol);
// A symbol with all that was said about it, as js/src/unit_content.ts reads it.
void write_symbol(JsonWriter& json, const Unit& unit, UnitSymbol symbol);
// A type of the unit, by its number.
void write_type(JsonWriter& json, const Unit& unit, uint32_t type);
// Data, or a custom section, without its bytes.
void write_data(JsonWriter& json, const Unit& unit, UnitSymbol symbol);
// The functions that a table begins with.
void write_table(JsonWriter& json, const Unit& unit, UnitSymbol symbol);

} // namespace weld
