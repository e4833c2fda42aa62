// Types of a unit: each has a number, and is a row of the session's pool, which equal types of other units share.
#include "core/unit/unit.h"

namespace weld {

bool Unit::is_value_type(ValueType type) const {
  if (is_defined_ref(type))
    return !(static_cast<uint32_t>(type) & ref_type::in_group) && ref_number(type) < types_.size();
  if (!is_nullable(type)) return is_ref(type) && static_cast<uint32_t>(nullable(type)) <= 0xff;
  const auto byte = static_cast<uint32_t>(type);
  return is_ref(type) || (byte >= 0x7b && byte <= 0x7f);
}

ValueType Unit::in_pool(ValueType type) const {
  if (!is_defined_ref(type)) return type;
  return defined_ref(types_[ref_number(type)].row, is_nullable(type));
}

ValueType Unit::of_pool(ValueType type) const {
  if (!is_defined_ref(type)) return type;
  return defined_ref(type_of_signature_[ref_number(type)], is_nullable(type));
}

uint32_t Unit::number_of_type(SignatureId id) {
  if (id.row >= type_of_signature_.size()) type_of_signature_.resize(signatures_.size(), none32);
  uint32_t& type = type_of_signature_[id.row];
  if (type == none32) {
    type = static_cast<uint32_t>(types_.size());
    types_.push_back(id);
    if (types_.size() > table_types_) changes("a new type");
  }
  return type;
}

uint32_t Unit::type(std::span<const ValueType> params, std::span<const ValueType> results) {
  Vector<ValueType> pooled[2];
  for (size_t i = 0; i < 2; i++)
    for (ValueType type : i ? results : params) {
      if (!is_value_type(type)) {
        refuse(name_, "a function type has a type that values cannot have");
        return none32;
      }
      pooled[i].push_back(in_pool(type));
    }
  return number_of_type(intern_function(signatures_, pooled[0], pooled[1]));
}

Vector<uint32_t> Unit::define_types(std::span<const TypeDefinition> group) {
  std::string wrong;
  size_t at = 0; // the type that is looked at
  // A type of the group, or of the unit.
  auto pooled = [&](ValueType type, bool is_field) {
    const auto word = static_cast<uint32_t>(type);
    if ((word & ref_type::defined) && (word & ref_type::in_group)) {
      if (ref_number(type) >= group.size()) wrong = "it refers to a type that the group does not have";
      return type;
    }
    if (is_field && (type == ValueType::I8 || type == ValueType::I16)) return type;
    if (is_value_type(type)) return in_pool(type);
    wrong = "it has a type that values cannot have";
    return type;
  };
  constexpr size_t most_types = 1'000'000, most_fields = 10'000;
  if (group.size() > most_types) wrong = "more than 1000000 types in a group";
  std::vector<TypeDefinition> types;
  for (; at < group.size() && wrong.empty(); at++) {
    const TypeDefinition& given = group[at];
    TypeDefinition& type = types.emplace_back();
    const bool is_function = given.kind == TypeKind::Function;
    type.kind = given.kind;
    type.is_final = given.is_final;
    type.super = given.super;
    if (given.super != TypeDefinition::no_super) {
      if (given.super & ref_type::in_group) {
        if ((given.super & ref_type::number_mask) >= at) wrong = "its supertype does not come before it";
      } else if (given.super >= types_.size()) {
        wrong = "its supertype is no type of the unit";
      } else {
        type.super = types_[given.super].row;
      }
    }
    if (given.kind == TypeKind::Array && given.fields.size() != 1)
      wrong = "an array has one type of elements";
    if (given.fields.size() > most_fields) wrong = "it has more than 10000 fields";
    if (!is_function && !given.results.empty()) wrong = "only functions have results";
    for (const FieldType& field : given.fields)
      type.fields.push_back({pooled(field.type, !is_function), field.is_mutable && !is_function});
    for (ValueType result : given.results) type.results.push_back(pooled(result, false));
    if (!wrong.empty()) break;
  }
  Vector<uint32_t> numbers;
  if (group.empty()) return numbers;
  SignatureId first;
  if (wrong.empty()) {
    first = intern_group(signatures_, types);
    for (at = 0; at < types.size() && wrong.empty(); at++)
      wrong = wrong_supertype(signatures_, SignatureId(first.row + static_cast<uint32_t>(at)));
    if (!wrong.empty()) at--;
  }
  if (!wrong.empty()) {
    refuse(name_, "type " + std::to_string(at) + " of a group: " + wrong);
    return numbers;
  }
  for (uint32_t i = 0; i < types.size(); i++) numbers.push_back(number_of_type(SignatureId(first.row + i)));
  return numbers;
}

TypeDefinition Unit::type_definition(uint32_t number) const {
  const DefinedType type = defined_type(signatures_, types_[number]);
  TypeDefinition out;
  out.kind = type.kind;
  out.is_final = type.is_final;
  if (type.super) out.super = type_of_signature_[type.super.row];
  for (size_t i = 0; i < type.types.size(); i++)
    out.fields.push_back({of_pool(type.types[i]), type.is_mutable(i)});
  for (ValueType result : type.results) out.results.push_back(of_pool(result));
  return out;
}

} // namespace weld
