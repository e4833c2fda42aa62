// Typed rows and indices.
//
// An `Id` names a row of one table; it is opaque: no arithmetic, no order, four bytes. An `Index` is a number
// of an index space that the format defines (a function index in one input, in the output); it may be stepped
// and compared. Neither converts to the other, nor to one with another tag, by accident.
#pragma once

#include <cstdint>

namespace weld {

template <class Tag>
struct Id {
  static constexpr uint32_t none_row = ~0u;
  uint32_t row = none_row;

  constexpr Id() = default;
  constexpr explicit Id(uint32_t r) : row(r) {}
  constexpr bool is_none() const { return row == none_row; }
  constexpr explicit operator bool() const { return row != none_row; }
  friend constexpr bool operator==(Id, Id) = default;
};

template <class Tag>
struct Index {
  static constexpr uint32_t none_value = ~0u;
  uint32_t value = none_value;

  constexpr Index() = default;
  constexpr explicit Index(uint32_t v) : value(v) {}
  constexpr bool is_none() const { return value == none_value; }
  constexpr explicit operator bool() const { return value != none_value; }
  constexpr Index& operator++() { return ++value, *this; }
  friend constexpr bool operator==(Index, Index) = default;
  // clang-tidy takes the 0 of a comparison that the compiler writes for a pointer.
  friend constexpr auto operator<=>(Index, Index) = default; // NOLINT(modernize-use-nullptr)
};

// Rows of the session: they keep their meaning from one link to the next.
using StringId = Id<struct StringTag>;       // an interned name
using SignatureId = Id<struct SignatureTag>; // an interned function type
using InputId = Id<struct InputTag>;         // a file that was added
using ObjectId = Id<struct ObjectTag>;       // a parsed object: an input of its own or a member of an archive

} // namespace weld
