#include "core/wasm/types.h"

#include "core/base/byte_buffer.h"
#include "core/base/sort.h"

namespace weld {

namespace {

// A group's row: the form, then words: how many members, where each begins, and their content: kind and whether it is
// final, supertype, fields, results; two words for each field, one for each result.
constexpr uint8_t member_form = 0x4d; // then words: the row of the group, the number in it

uint32_t word_at(Bytes bytes, size_t index) {
  uint32_t word;
  std::memcpy(&word, bytes.data() + 1 + index * sizeof word, sizeof word);
  return word;
}

class Words {
public:
  void put(uint32_t word) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&word);
    bytes_.append(Bytes(bytes, sizeof word));
  }
  void put_at(size_t index, uint32_t word) { std::memcpy(bytes_.data() + 1 + index * 4, &word, sizeof word); }
  uint32_t size() const { return static_cast<uint32_t>((bytes_.size() - 1) / 4); }
  explicit Words(uint8_t form) { bytes_.push_back(form); }
  Bytes bytes() const { return bytes_; }

private:
  Vector<uint8_t> bytes_;
};

bool is_plain(const SignaturePool& pool, SignatureId type) {
  return pool.bytes(type)[0] == function_form;
}

// The halves of a plain function type. The pool's were checked when they were parsed: the counts are right.
SignatureParts plain_parts(Bytes encoded) {
  auto take_count = [&] {
    uint32_t count = 0, shift = 0, byte;
    do {
      byte = encoded[0];
      count |= (byte & 0x7f) << shift;
      shift += 7;
      encoded = encoded.subspan(1);
    } while (byte & 0x80);
    return count;
  };
  encoded = encoded.subspan(1); // the form
  const uint32_t params = take_count();
  const Bytes param_types = encoded.subspan(0, params);
  encoded = encoded.subspan(params);
  const uint32_t results = take_count();
  return {ValueTypes(param_types), ValueTypes(encoded.subspan(0, results))};
}

} // namespace

DefinedType defined_type(const SignaturePool& pool, SignatureId type) {
  DefinedType out;
  const Bytes row = pool.bytes(type);
  if (row[0] == function_form) {
    const SignatureParts parts = plain_parts(row);
    out.types = parts.params;
    out.results = parts.results;
    return out;
  }
  const SignatureId group_row(word_at(row, 0));
  const uint32_t first = group_row.row + 1;
  const Bytes group = pool.bytes(group_row);
  const uint32_t at = word_at(group, 1 + word_at(row, 1));
  const uint32_t kind = word_at(group, at), super = word_at(group, at + 1);
  const uint32_t fields = word_at(group, at + 2), results = word_at(group, at + 3);
  out.kind = static_cast<TypeKind>(kind & 0xff);
  out.is_final = kind >> 8;
  if (super != TypeDefinition::no_super)
    out.super = SignatureId(super & ref_type::in_group ? (super & ref_type::number_mask) + first : super);
  const uint8_t* words = group.data() + 1 + size_t{at + 4} * 4;
  out.types = ValueTypes(words, fields, 8, first);
  out.mutability = words + 4;
  out.results = ValueTypes(words + size_t{fields} * 8, results, 4, first);
  return out;
}

SignatureParts signature_parts(const SignaturePool& pool, SignatureId type) {
  if (is_plain(pool, type)) return plain_parts(pool.bytes(type));
  const DefinedType defined = defined_type(pool, type);
  return defined.kind == TypeKind::Function ? SignatureParts{defined.types, defined.results}
                                            : SignatureParts{};
}

TypeGroup group_of(const SignaturePool& pool, SignatureId type) {
  if (is_plain(pool, type)) return {type, 1};
  const uint32_t row = word_at(pool.bytes(type), 0);
  return {SignatureId(row + 1), word_at(pool.bytes(SignatureId(row)), 0)};
}

SignatureId intern_function(SignaturePool& pool, std::span<const ValueType> params,
                            std::span<const ValueType> results) {
  bool plain = true;
  for (std::span<const ValueType> types : {params, results})
    for (ValueType type : types) plain &= static_cast<uint32_t>(type) <= 0xff;
  if (!plain) {
    TypeDefinition definition;
    for (ValueType type : params) definition.fields.push_back({type, false});
    for (ValueType type : results) definition.results.push_back(type);
    return intern_group(pool, std::span(&definition, 1));
  }
  ByteBuffer encoded;
  encoded.u8(function_form);
  for (std::span<const ValueType> types : {params, results}) {
    encoded.uleb(types.size());
    for (ValueType type : types) encoded.u8(static_cast<uint8_t>(type));
  }
  return pool.intern(encoded.from(0));
}

SignatureId intern_group(SignaturePool& pool, std::span<const TypeDefinition> types) {
  // What a plain function type can say is one.
  if (types.size() == 1 && types[0].kind == TypeKind::Function && types[0].is_final &&
      types[0].super == TypeDefinition::no_super) {
    Vector<ValueType> params;
    bool plain = true;
    for (const FieldType& field : types[0].fields) {
      params.push_back(field.type);
      plain &= static_cast<uint32_t>(field.type) <= 0xff;
    }
    for (ValueType type : types[0].results) plain &= static_cast<uint32_t>(type) <= 0xff;
    if (plain) return intern_function(pool, params, types[0].results);
  }
  Words group(rec_form);
  const auto count = static_cast<uint32_t>(types.size());
  group.put(count);
  for (uint32_t i = 0; i < count; i++) group.put(0);
  for (uint32_t i = 0; i < count; i++) {
    const TypeDefinition& type = types[i];
    group.put_at(1 + i, group.size());
    group.put(static_cast<uint32_t>(type.kind) | (type.is_final ? 0x100 : 0));
    group.put(type.super);
    group.put(static_cast<uint32_t>(type.fields.size()));
    group.put(static_cast<uint32_t>(type.results.size()));
    for (const FieldType& field : type.fields) {
      group.put(static_cast<uint32_t>(field.type));
      group.put(field.is_mutable);
    }
    for (ValueType result : type.results) group.put(static_cast<uint32_t>(result));
  }
  const SignatureId row = pool.intern(group.bytes());
  for (uint32_t i = 0; i < count; i++) {
    Words member(member_form);
    member.put(row.row);
    member.put(i);
    pool.intern(member.bytes());
  }
  return SignatureId(row.row + 1);
}

// References go to rows before, so the rows that are needed are moved in their order.
void move_type(const SignaturePool& from, SignatureId type, SignaturePool& to, Vector<uint32_t>& rows) {
  Vector<SignatureId> wanted;
  auto want = [&](SignatureId id) {
    if (rows[id.row] != SignatureId::none_row) return;
    const TypeGroup group = group_of(from, id);
    for (SignatureId known : wanted)
      if (known == group.first) return;
    wanted.push_back(group.first);
  };
  want(type);
  for (size_t i = 0; i < wanted.size(); i++) for_each_reference(from, group_of(from, wanted[i]), want);
  sort_stably(wanted, [](SignatureId a, SignatureId b) { return a.row < b.row; });
  for (SignatureId first : wanted) {
    const TypeGroup group = group_of(from, first);
    if (is_plain(from, first)) {
      rows[first.row] = to.intern(from.bytes(first)).row;
      continue;
    }
    auto renamed = [&](ValueType value) {
      if (!is_defined_ref(value)) return value;
      const uint32_t row = ref_number(value), bits = static_cast<uint32_t>(value) & ~ref_type::number_mask;
      const bool is_own = row >= first.row && row < first.row + group.count;
      return static_cast<ValueType>(bits | (is_own ? ref_type::in_group | (row - first.row) : rows[row]));
    };
    std::vector<TypeDefinition> definitions(group.count);
    for (uint32_t i = 0; i < group.count; i++) {
      const DefinedType old = defined_type(from, SignatureId(first.row + i));
      TypeDefinition& now = definitions[i];
      now.kind = old.kind;
      now.is_final = old.is_final;
      if (old.super)
        now.super = static_cast<uint32_t>(renamed(defined_ref(old.super.row, true))) & ~ref_type::defined;
      for (size_t k = 0; k < old.types.size(); k++)
        now.fields.push_back({renamed(old.types[k]), old.is_mutable(k)});
      for (ValueType result : old.results) now.results.push_back(renamed(result));
    }
    const SignatureId moved = intern_group(to, definitions);
    for (uint32_t i = 0; i < group.count; i++) rows[first.row + i] = moved.row + i;
  }
}

// --- subtypes

namespace {

// The abstract heap types above one, as the bytes of the nullable references.
bool is_abstract_subtype(ValueType a, ValueType b) {
  if (a == b) return true;
  switch (b) {
  case ValueType::AnyRef:
    return a == ValueType::EqRef || a == ValueType::I31Ref || a == ValueType::StructRef ||
           a == ValueType::ArrayRef || a == ValueType::NullRef;
  case ValueType::EqRef:
    return a == ValueType::I31Ref || a == ValueType::StructRef || a == ValueType::ArrayRef ||
           a == ValueType::NullRef;
  case ValueType::I31Ref:
  case ValueType::StructRef:
  case ValueType::ArrayRef: return a == ValueType::NullRef;
  case ValueType::FuncRef: return a == ValueType::NullFuncRef;
  case ValueType::ExternRef: return a == ValueType::NullExternRef;
  case ValueType::ExnRef: return a == ValueType::NullExnRef;
  default: return false;
  }
}

ValueType kind_of(const SignaturePool& pool, uint32_t row) {
  switch (defined_type(pool, SignatureId(row)).kind) {
  case TypeKind::Function: return ValueType::FuncRef;
  case TypeKind::Struct: return ValueType::StructRef;
  case TypeKind::Array: break;
  }
  return ValueType::ArrayRef;
}

bool is_heap_subtype(const SignaturePool& pool, ValueType a, ValueType b) {
  if (is_defined_ref(a) && is_defined_ref(b)) {
    SignatureId type(ref_number(a));
    for (; type && type.row != ref_number(b); type = defined_type(pool, type).super) {
    }
    return bool(type);
  }
  if (is_defined_ref(a)) return is_abstract_subtype(kind_of(pool, ref_number(a)), b);
  if (is_defined_ref(b))
    return a ==
           (kind_of(pool, ref_number(b)) == ValueType::FuncRef ? ValueType::NullFuncRef : ValueType::NullRef);
  return is_abstract_subtype(a, b);
}

} // namespace

bool is_subtype(const SignaturePool& pool, ValueType a, ValueType b) {
  if (a == b) return true;
  if (!is_ref(a) || !is_ref(b)) return false;
  if (is_nullable(a) && !is_nullable(b)) return false;
  return is_heap_subtype(pool, nullable(a), nullable(b));
}

std::string_view wrong_supertype(const SignaturePool& pool, SignatureId id) {
  const DefinedType type = defined_type(pool, id);
  if (!type.super) return {};
  const DefinedType super = defined_type(pool, type.super);
  if (super.is_final) return "its supertype is final";
  if (super.kind != type.kind) return "its supertype is of another kind";
  if (type.kind == TypeKind::Function) {
    bool fits = type.types.size() == super.types.size() && type.results.size() == super.results.size();
    for (size_t i = 0; fits && i < type.types.size(); i++)
      fits = is_subtype(pool, super.types[i], type.types[i]);
    for (size_t i = 0; fits && i < type.results.size(); i++)
      fits = is_subtype(pool, type.results[i], super.results[i]);
    return fits ? "" : "its parameters and results are not those of a subtype";
  }
  if (type.types.size() < super.types.size()) return "it has fewer fields than its supertype";
  for (size_t i = 0; i < super.types.size(); i++) {
    const bool is_mutable = super.is_mutable(i);
    if (type.is_mutable(i) != is_mutable) return "a field is mutable in one and not in the other";
    if (is_mutable ? type.types[i] != super.types[i] : !is_subtype(pool, type.types[i], super.types[i]))
      return "the type of a field does not fit that of its supertype";
  }
  return {};
}

} // namespace weld
