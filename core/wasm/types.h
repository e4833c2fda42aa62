// The types of a module, as a session keeps them: each once, by one number, whatever input defines it.
//
// A function type without references to defined types is its entry of the TYPE section: 0x60, parameters, results. All
// others are in recursive groups. A group is one row: its content, in which references to its own members count from its
// first member. Its members are the rows after it. So equal groups are one, as engines take them.
#pragma once

#include "core/base/string_pool.h"
#include "core/base/vector.h"
#include "core/wasm/format.h"

#include <cstring>

namespace weld {

constexpr uint8_t function_form = 0x60, struct_form = 0x5f, array_form = 0x5e;
constexpr uint8_t rec_form = 0x4e, sub_final_form = 0x4f,
                  sub_form = 0x50; // before a group, a type with supertypes

// What a type is made of. References to types of the same group have `ref_type::in_group`.
struct FieldType {
  ValueType type = ValueType::I32; // of a function: of a parameter or result
  bool is_mutable = false;

  bool operator==(const FieldType&) const = default;
};
enum class TypeKind : uint8_t { Function, Struct, Array };
struct TypeDefinition {
  static constexpr uint32_t no_super = ~0u;

  TypeKind kind = TypeKind::Function;
  bool is_final = true;
  uint32_t super = no_super; // the number of a type; with `ref_type::in_group`: in the group
  Vector<FieldType> fields;  // of an array one; of a function its parameters
  Vector<ValueType> results;
};

// Types of values, one after the other, of a type in a pool.
class ValueTypes {
public:
  ValueTypes() = default;
  explicit ValueTypes(Bytes bytes) : at_(bytes.data()), count_(static_cast<uint32_t>(bytes.size())) {}
  ValueTypes(const uint8_t* words, uint32_t count, uint32_t stride, uint32_t first_member)
      : at_(words), count_(count), stride_(stride), first_member_(first_member) {}

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // References name rows of the pool.
  ValueType operator[](size_t i) const {
    if (stride_ == 1) return static_cast<ValueType>(at_[i]);
    uint32_t word;
    std::memcpy(&word, at_ + i * stride_, sizeof word);
    if ((word & ref_type::defined) && (word & ref_type::in_group))
      word = (word & ~ref_type::in_group) + first_member_;
    return static_cast<ValueType>(word);
  }
  bool operator==(const ValueTypes& other) const {
    bool same = count_ == other.count_;
    for (size_t i = 0; same && i < count_; i++) same = (*this)[i] == other[i];
    return same;
  }

  class Iterator {
  public:
    Iterator(const ValueTypes& types, size_t at) : types_(&types), at_(at) {}
    ValueType operator*() const { return (*types_)[at_]; }
    Iterator& operator++() {
      at_++;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

  private:
    const ValueTypes* types_;
    size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, count_}; }

private:
  const uint8_t* at_ = nullptr;
  uint32_t count_ = 0;
  uint32_t stride_ = 1; // 1: a byte each; else words at these distances
  uint32_t first_member_ = 0;
};

// The two halves of a function type. Both are empty for other types.
struct SignatureParts {
  ValueTypes params, results;
};
SignatureParts signature_parts(const SignaturePool& pool, SignatureId type);

// A type of a pool, to read. References name rows of the pool.
struct DefinedType {
  TypeKind kind = TypeKind::Function;
  bool is_final = true;
  SignatureId super; // none: it has none
  ValueTypes types;  // of fields, of parameters
  ValueTypes results;
  const uint8_t* mutability = nullptr; // of fields

  bool is_mutable(size_t field) const { return mutability && mutability[field * 8]; }
};
DefinedType defined_type(const SignaturePool& pool, SignatureId type);

// The group that a type is in; a plain function type is one of its own.
struct TypeGroup {
  SignatureId first; // its members are this one and those after it
  uint32_t count = 1;
};
TypeGroup group_of(const SignaturePool& pool, SignatureId type);

// The number of the function type. References to other types name rows of the pool.
SignatureId intern_function(SignaturePool& pool, std::span<const ValueType> params,
                            std::span<const ValueType> results);
// The first of a group's members. References name rows of the pool, or members (`ref_type::in_group`).
SignatureId intern_group(SignaturePool& pool, std::span<const TypeDefinition> types);
// Calls back for each row of the pool that the group refers to, outside of the group.
template <class Each>
void for_each_reference(const SignaturePool& pool, TypeGroup group, Each each) {
  for (uint32_t i = 0; i < group.count; i++) {
    const DefinedType type = defined_type(pool, SignatureId(group.first.row + i));
    auto refer = [&](uint32_t row) {
      if (row < group.first.row || row >= group.first.row + group.count) each(SignatureId(row));
    };
    if (type.super) refer(type.super.row);
    for (const ValueTypes* types : {&type.types, &type.results})
      for (ValueType value : *types)
        if (is_defined_ref(value)) refer(ref_number(value));
  }
}
// Interns in another pool what `type` is, and what it refers to. `rows`: row -> row there, or none_row; it gets more.
void move_type(const SignaturePool& from, SignatureId type, SignaturePool& to, Vector<uint32_t>& rows);

// Whether a value of type `a` may stand where `b` is wanted. References name rows of the pool.
bool is_subtype(const SignaturePool& pool, ValueType a, ValueType b);
// What is wrong with a type that is to have another one as its supertype; empty: nothing.
std::string_view wrong_supertype(const SignaturePool& pool, SignatureId type);

} // namespace weld
