// What is numbered in one link.
#pragma once

#include "core/base/ids.h"
#include "core/base/vector.h"
#include "core/input/object.h"

namespace weld {

using SymbolId = Id<struct SymbolTag>;         // a name of this link, or one signature's variant of it
using LinkObjectId = Id<struct LinkObjectTag>; // an object of this link, numbered as they are reached

// Entities of the objects, numbered through: an object's rows begin at its base in LinkObject, which converts between
// these and the numbers of one object.
using FunctionId = Id<struct FunctionTag>;
using SegmentId = Id<struct SegmentTag>;
using GlobalId = Id<struct GlobalTag>;
using TagId = Id<struct TagTag>;
using TableId = Id<struct TableTag>;
using CustomSectionId = Id<struct CustomSectionTag>;
using TypeId = Id<struct TypeTag>;
using ObjectSymbolId = Id<struct ObjectSymbolTag>; // a symbol of an object, as the object has it

// What the linker makes.
using SyntheticFunctionId = Id<struct SyntheticFunctionTag>;
using SyntheticGlobalId = Id<struct SyntheticGlobalTag>;
using SyntheticTableId = Id<struct SyntheticTableTag>; // there is one: the function table

// The output.
using OutSegmentId = Id<struct OutSegmentTag>;         // a data segment
using OutCustomId = Id<struct OutCustomTag>;           // a custom section
using UnitSectionId = Id<struct UnitSectionTag>;       // debug information of a unit
using MergedStringsId = Id<struct MergedStringsTag>;   // strings of several segments or sections
using OutFunctionIndex = Index<struct OutFunctionTag>; // in the function index space
using OutGlobalIndex = Index<struct OutGlobalTag>;     // in the global index space
using OutTagIndex = Index<struct OutTagTag>;           // in the tag index space
using OutTableIndex = Index<struct OutTableTag>;       // in the table index space
using OutTypeIndex = Index<struct OutTypeTag>;         // in the type index space
using TableSlot = Index<struct TableSlotTag>;          // in the function table

// A column: one fact about each row of what `IdType` numbers.
template <class IdType, class T>
class Column : public Vector<T> {
public:
  using Vector<T>::Vector;
  T& operator[](IdType id) { return Vector<T>::operator[](id.row); }
  const T& operator[](IdType id) const { return Vector<T>::operator[](id.row); }
};

// Rows of one object among those that are numbered through: the only way from its own numbers to these, and back.
template <class IdType>
struct Numbered {
  uint32_t first = 0;
  IdType operator()(uint32_t local) const { return IdType(first + local); }
  uint32_t local(IdType id) const { return id.row - first; }
};

// An object's entity, or one that the linker made. Its owner knows of which kind it is: see the types below.
class AnyEntity {
public:
  constexpr AnyEntity() = default;
  constexpr bool is_none() const { return value_ == none32; }
  constexpr bool is_synthetic() const { return value_ & synthetic_bit && !is_none(); }
  friend constexpr bool operator==(AnyEntity, AnyEntity) = default;
  // Another number for each entity of its kind, in the order of rows; for sorting and hashing.
  constexpr uint32_t key() const { return value_; }

protected:
  static constexpr uint32_t synthetic_bit = 1u << 31;
  constexpr explicit AnyEntity(uint32_t value) : value_(value) {}

private:
  uint32_t value_ = none32;
};

template <class IdType, class SyntheticIdType>
class Entity : public AnyEntity {
public:
  constexpr Entity() = default;
  constexpr Entity(IdType id) : AnyEntity(id.row) {}
  constexpr Entity(SyntheticIdType id) : AnyEntity(synthetic_bit | id.row) {}
  // `entity` is of this kind.
  constexpr explicit Entity(AnyEntity entity) : AnyEntity(entity) {}
  // Of one that is an object's, or none.
  constexpr IdType id() const {
    assert(!is_synthetic());
    return IdType(key());
  }
  constexpr SyntheticIdType synthetic() const {
    assert(is_synthetic());
    return SyntheticIdType(key() & ~synthetic_bit);
  }
};
using FunctionEntity = Entity<FunctionId, SyntheticFunctionId>;
using GlobalEntity = Entity<GlobalId, SyntheticGlobalId>;
using TableEntity = Entity<TableId, SyntheticTableId>;
using TagEntity = Entity<TagId, Id<struct NoTag>>;             // the linker makes none
using SegmentEntity = Entity<SegmentId, Id<struct NoSegment>>; // likewise

} // namespace weld
