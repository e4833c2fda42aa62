// The printer of Itanium names: runs the texts of demangle_nodes.def. What is still to be printed is a stack
// of frames on the heap, not of calls, so a deep tree needs no deep machine stack.
#include "core/base/demangle_tree.h"

namespace weld::demangling {

namespace {

// All texts, one after another. A program counter is a place in here.
constexpr char texts[] = "\0"
#define NODE(kind, operands, left, right) left "\0" right "\0"
#include "core/base/demangle_nodes.def"
#undef NODE
                         // %R: the right side of the node, %L: the next of the list, %X: the next of the
                         // pack, %Z: the node is not being printed any more
                         "%R\0%L\0%X\0%Z\0"
                         "%(%_%)\0"
                         "%l_%?a_ %.%?b_(%.&\0"
                         "%l_%?a_ %.%?b_(%.&&\0"
                         "%?b_)%.%r_\0"
                         "%_";

constexpr uint32_t kind_count = 0
#define NODE(kind, operands, left, right) +1
#include "core/base/demangle_nodes.def"
#undef NODE
    ;

static_assert(kind_count <= 0x80); // it has 7 bits in a header

// Where each text begins: two for each kind, left and right, then those above.
struct TextStarts {
  uint16_t at[2 * kind_count + 9] = {};
  constexpr TextStarts() {
    uint16_t place = 1;
    for (uint16_t& start : at) {
      start = place;
      while (texts[place++] != '\0') {
      }
    }
  }
};
constexpr TextStarts starts;
constexpr uint32_t extra_text(uint32_t i) {
  return starts.at[2 * kind_count + i];
}
constexpr uint32_t right_text = extra_text(0), list_text = extra_text(1), pack_text = extra_text(2),
                   done_text = extra_text(3), parenthesized_text = extra_text(4), lvalue_text = extra_text(5),
                   rvalue_text = extra_text(6), reference_right_text = extra_text(7),
                   both_text = extra_text(8);

// A frame is five words: a program counter, the node (or list) it is about, and three for its directives.
constexpr uint32_t frame_words = 5;
constexpr uint32_t max_frame_words = frame_words << 17;

constexpr uint32_t no_pack = ~0u;

class Printer {
public:
  Printer(const char* mangled, DemangleBuffers& buffers, std::string& out, uint32_t max_size)
      : mangled_(mangled), words_(buffers.words.data()), node_words_(buffers.words.size()),
        frames_(buffers.frames), out_(out, max_size), steps_left_(2 * max_size) {}

  bool run(NodeId root);

private:
  Kind kind(NodeId id) const { return kind_of(words_[id.word]); }
  NodeId operand(NodeId id, uint32_t i) const { return NodeId{words_[id.word + 1 + i]}; }
  bool spend();

  void emit(const char* text, size_t size);
  void emit(const char* text) { emit(text, std::char_traits<char>::length(text)); }
  void emit(char c) { emit(&c, 1); }
  void emit_number(uint32_t value);
  void emit_bracket(char c);
  void emit_qualifiers(uint32_t quals);
  void emit_operator_name(const Operator& o);
  void emit_base_name(NodeId id);
  void emit_float(const char* digits, uint32_t count);

  void push_frame(uint32_t text, uint32_t node, uint32_t x = 0, uint32_t y = 0, uint32_t z = 0);
  void push_both(NodeId id);
  void push_side(NodeId id, bool right);
  void push_operand(NodeId id, uint32_t weakest);
  void step();
  void directive(uint32_t* frame, char c);
  void next_of_list(uint32_t* frame);
  void next_of_pack(uint32_t* frame);

  bool holds(char condition, NodeId node, NodeId id);
  bool has(NodeId id, Part part);
  NodeId element(NodeId pack);
  NodeId syntax_node(NodeId id);
  NodeId collapse(NodeId reference, bool& is_rvalue);

  const char* mangled_;
  uint32_t* words_;
  size_t node_words_;
  Vector<uint32_t>& frames_;
  Sink out_;
  uint32_t steps_left_;
  bool failed_ = false;
  uint32_t brackets_ = 1;         // 0: inside template arguments, where a `>` needs parentheses
  uint32_t pack_index_ = no_pack; // which element of its packs the innermost expansion prints
  uint32_t pack_size_ = no_pack;  // how many they have; none before the first pack was met
};

bool Printer::spend() {
  if (steps_left_ == 0) failed_ = true;
  else steps_left_--;
  return !failed_;
}

void Printer::emit(const char* text, size_t size) {
  if (!out_.add(text, size)) failed_ = true;
}

void Printer::emit_number(uint32_t value) {
  if (!out_.add_number(value)) failed_ = true;
}

void Printer::emit_bracket(char c) {
  emit(c);
  if (c == '(' || c == '[' || c == '{') brackets_++;
  else brackets_--;
}

void Printer::emit_qualifiers(uint32_t quals) {
  const char* const texts_of_quals[] = {" const", " volatile", " restrict", " &", " &&"};
  for (uint32_t i = 0; i < 5; i++)
    if (quals >> i & 1) emit(texts_of_quals[i]);
}

void Printer::emit_operator_name(const Operator& o) {
  emit("operator");
  if (o.symbol[0] >= 'a') {
    if (o.symbol[0] <= 'z') emit(' ');
  }
  emit(o.symbol);
}

// What a constructor or destructor is called in the class `id`.
void Printer::emit_base_name(NodeId id) {
  for (;;) {
    switch (kind(id)) {
    case Kind::Nested:
    case Kind::MemberLikeFriend:
    case Kind::ModuleEntity: id = operand(id, 1); continue;
    case Kind::NameWithArgs:
    case Kind::GlobalQualified:
    case Kind::AbiTag: id = operand(id, 0); continue;
    case Kind::Text: return emit(mangled_ + words_[id.word + 1], words_[id.word + 2]);
    case Kind::Literal:
    case Kind::StdName:
    case Kind::ExpandedStdName: return emit(literals[aux_of(words_[id.word])]);
    case Kind::OperatorName: return emit_operator_name(operators[aux_of(words_[id.word])]);
    default: return;
    }
  }
}

// A literal as `printf`'s %a writes it on x86-64: hexadecimal, with trailing zeros left out. `float` is
// written like the `double` of its value. A long double has no implicit bit, so four of its bits stand before
// the point; if the first is missing it is no number.
void Printer::emit_float(const char* digits, uint32_t count) {
  uint64_t high = 0, low = 0; // the sign and exponent of a long double, and all other bits
  for (uint32_t i = 0; i < count; i++) {
    const char c = digits[i];
    high = high << 4 | low >> 60;
    low = low << 4 | static_cast<uint64_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  const bool is_long = count == 20;
  if (count == 8) {
    uint64_t exponent = low >> 23 & 0xff, fraction = low & 0x7fffff;
    if (exponent == 0xff) {
      exponent = 0x7ff;
    } else if (exponent != 0 || fraction != 0) {
      exponent += 1023 - 127;
      if (low << 33 >> 56 == 0) // every `double` of that size has its leading bit
        for (exponent++; fraction >> 23 == 0; exponent--) fraction <<= 1;
    }
    high = low >> 31 << 11 | exponent;
    low = fraction << 41;
  } else if (!is_long) {
    high = low >> 52;
    low = low << 12;
  }
  const int special_exponent = is_long ? 0x7fff : 0x7ff;
  const int biased = static_cast<int>(high) & special_exponent;
  if (high > static_cast<uint64_t>(special_exponent)) emit('-');
  const bool is_broken = is_long && biased != 0 && low >> 63 == 0;
  if (biased == special_exponent || is_broken) {
    emit(is_broken || (is_long ? low << 1 : low) != 0 ? "nan" : "inf");
  } else {
    int exponent = 0;
    uint32_t leading = biased != 0;
    if (is_long) {
      exponent = (biased ? biased : 1) - 16386;
      leading = static_cast<uint32_t>(low >> 60);
      if (low == 0) exponent = 0;
      low <<= 4;
    } else if (biased != 0 || low != 0) {
      exponent = (biased ? biased : 1) - 1023;
    }
    const char* const hex = "0123456789abcdef";
    emit("0x");
    emit(hex[leading]);
    if (low != 0) emit('.');
    for (; low != 0; low <<= 4) emit(hex[low >> 60]);
    emit(exponent < 0 ? "p-" : "p+");
    emit_number(static_cast<uint32_t>(exponent < 0 ? -exponent : exponent));
  }
  if (count == 8) emit('f');
  if (is_long) emit('L');
}

void Printer::push_frame(uint32_t text, uint32_t node, uint32_t x, uint32_t y, uint32_t z) {
  if (texts[text] == '\0' || !spend()) return;
  const uint32_t frame[frame_words] = {text, node, x, y, z};
  if (frames_.size() >= max_frame_words) failed_ = true;
  else frames_.append(frame, frame + frame_words);
}

void Printer::push_both(NodeId id) {
  if (has_of(words_[id.word], Part::RightSide) != Has::No) push_frame(right_text, id.word);
  push_side(id, false);
}

// The element of a pack that is being printed, or None. A pack outside of all expansions acts as if in one.
NodeId Printer::element(NodeId pack) {
  const uint32_t list = operand(pack, 0).word;
  if (pack_size_ == no_pack) {
    pack_size_ = words_[list];
    pack_index_ = 0;
  }
  return pack_index_ < words_[list] ? NodeId{words_[list + 1 + pack_index_]} : NodeId{};
}

void Printer::push_side(NodeId id, bool right) {
  for (;;) {
    uint32_t& header = words_[id.word];
    switch (kind_of(header)) {
    case Kind::ParameterPack: id = element(id); continue;
    case Kind::ForwardReference:
    case Kind::Reference: {
      // In a malformed name an argument can contain the reference that stands for it.
      if ((header & printing_bit) != 0) return;
      header |= printing_bit;
      push_frame(done_text, id.word);
      if (kind_of(header) == Kind::ForwardReference) {
        id = operand(id, 1);
        continue;
      }
      bool is_rvalue = false;
      const NodeId to = collapse(id, is_rvalue);
      if (to) push_frame(right ? reference_right_text : is_rvalue ? rvalue_text : lvalue_text, to.word);
      return;
    }
    case Kind::PackExpansion:
      if (right) return;
      push_frame(pack_text, id.word, pack_index_, pack_size_, out_.size());
      pack_index_ = pack_size_ = no_pack;
      id = operand(id, 0);
      return push_both(id);
    default: return push_frame(starts.at[2 * static_cast<uint32_t>(kind_of(header)) + right], id.word);
    }
  }
}

void Printer::push_operand(NodeId id, uint32_t weakest) {
  if (prec_of(words_[id.word]) >= weakest) push_frame(parenthesized_text, id.word);
  else push_both(id);
}

void Printer::next_of_list(uint32_t* frame) {
  const uint32_t list = frame[1];
  uint32_t& next = frame[2];
  const uint32_t begin = frame[3];
  uint32_t& after_comma = frame[4];
  // An empty pack takes back the comma before it.
  if (next != 0 && out_.size() == after_comma) out_.truncate(after_comma - (after_comma == begin ? 0 : 2));
  if (next == words_[list]) return frames_.truncate(frames_.size() - frame_words);
  frame[0] -= 2;
  if (out_.size() != begin) emit(", ");
  after_comma = out_.size();
  push_operand(NodeId{words_[list + ++next]}, static_cast<uint32_t>(Prec::Comma));
}

void Printer::next_of_pack(uint32_t* frame) {
  const NodeId node{frame[1]};
  if (pack_size_ != no_pack && pack_index_ + 1 < pack_size_) {
    frame[0] -= 2;
    emit(", ");
    pack_index_++;
    return push_both(operand(node, 0));
  }
  if (pack_size_ == no_pack) emit("..."); // nothing below is a pack that can be expanded
  else if (pack_size_ == 0) out_.truncate(frame[4]);
  pack_index_ = frame[2];
  pack_size_ = frame[3];
  frames_.truncate(frames_.size() - frame_words);
}

bool Printer::holds(char condition, NodeId node, NodeId id) {
  switch (condition) {
  case 'p': return static_cast<bool>(id);
  case 'n': return words_[id.word] != 0;
  case 'a': return has(id, Part::Array);
  case 'b':
  case 'B': return (has(id, Part::Array) || has(id, Part::Function)) == (condition == 'b');
  case 's': return id && !has(id, Part::RightSide);
  case 'f': return (aux_of(words_[node.word]) & flag_f) != 0;
  case 'y': return (aux_of(words_[node.word]) & flag_y) != 0;
  default: // 'k'
    return out_.last() != ']';
  }
}

bool Printer::has(NodeId id, Part part) {
  // A chain longer than the tree is a circle, and has nothing.
  for (size_t i = 0; i < node_words_ && spend(); i++) {
    const uint32_t header = words_[id.word];
    const Has known = has_of(header, part);
    if (known != Has::Unknown) return known == Has::Yes;
    switch (kind_of(header)) {
    case Kind::Qualified:
    case Kind::Pointer:
    case Kind::Reference: id = operand(id, 0); break;
    case Kind::PointerToMember: id = operand(id, 1); break;
    case Kind::ParameterPack: id = element(id); break;
    case Kind::ForwardReference:
      if ((header & printing_bit) != 0) return false;
      id = operand(id, 1);
      break;
    default: return false;
    }
  }
  return false;
}

// What stands behind packs and forward references.
NodeId Printer::syntax_node(NodeId id) {
  for (size_t i = 0; i < node_words_ && spend(); i++) {
    NodeId next;
    if (kind(id) == Kind::ParameterPack) next = element(id);
    else if (kind(id) == Kind::ForwardReference && (words_[id.word] & printing_bit) == 0)
      next = operand(id, 1);
    if (!next) break;
    id = next;
  }
  return id;
}

// What a reference refers to, through references to references: `& &&` is `&`. None if it refers to itself.
NodeId Printer::collapse(NodeId reference, bool& is_rvalue) {
  is_rvalue = true;
  NodeId to = reference;
  for (size_t i = 0; i < node_words_ && spend(); i++) {
    const NodeId node = syntax_node(to);
    if (kind(node) != Kind::Reference) return to;
    if ((aux_of(words_[node.word]) & flag_f) == 0) is_rvalue = false;
    to = operand(node, 0);
  }
  return {};
}

void Printer::directive(uint32_t* frame, char c) {
  const NodeId node{frame[1]};
  const uint32_t aux = aux_of(words_[node.word]);
  switch (c) {
  case 'x': return emit(literals[aux]);
  case 'o': return emit(operators[aux].symbol);
  case 'O': return emit_operator_name(operators[aux]);
  case 'q': return emit_qualifiers(aux);
  case 'F': return emit_float(mangled_ + words_[node.word + 1], words_[node.word + 2]);
  case '(':
  case ')':
  case '[':
  case ']':
  case '{':
  case '}': return emit_bracket(c);
  case '<':
    frame[2] = brackets_;
    brackets_ = 0;
    return emit('<');
  case '>': brackets_ = frame[2]; return emit('>');
  case 'G':
    frame[2] = brackets_ == 0;
    if (frame[2] != 0) emit_bracket('(');
    return;
  case 'g':
    if (frame[2] != 0) emit_bracket(')');
    return;
  case '.': return;
  case 'L': return next_of_list(frame);
  case 'X': return next_of_pack(frame);
  case 'Z': words_[node.word] &= ~printing_bit; return;
  case 'R': return push_side(node, true);
  default: break;
  }

  // The others have an operand, itself or after their letter.
  uint32_t& pc = frame[0];
  const char condition = c == '?' ? texts[pc++] : '\0';
  const char which = is_digit(c) || c == '_' ? c : texts[pc++];
  const uint32_t index = which == '_' ? 0 : static_cast<uint32_t>(which - '0');
  const NodeId id = which == '_' ? node : operand(node, index);
  const uint32_t prec = prec_of(words_[node.word]);
  switch (c) {
  case '?':
    if (!holds(condition, node, id))
      while (texts[pc] != '%' || texts[pc + 1] != '.') pc++;
    return;
  case 'l':
  case 'r': return push_side(id, c == 'r');
  case 's': return push_operand(id, prec + 1);
  case 'w': return push_operand(id, prec);
  case 'a': return push_operand(id, static_cast<uint32_t>(Prec::OrIf));
  case 'e': return push_operand(id, static_cast<uint32_t>(Prec::Assign) + 1);
  case 'c': return push_operand(id, static_cast<uint32_t>(Prec::Cast) + 1);
  case ',': return push_frame(list_text, id.word, 0, out_.size(), out_.size());
  case ';':
    for (uint32_t i = words_[id.word]; i > 0 && !failed_; i--) push_frame(both_text, words_[id.word + i]);
    return;
  case 't':
  case 'n': {
    const char* text = mangled_ + id.word;
    uint32_t size = words_[node.word + 2 + index];
    if (c == 'n' && size == 0) return emit('0');
    if (c == 'n' && *text == 'n') {
      emit('-');
      text++;
      size--;
    }
    return emit(text, size);
  }
  case 'd':
    if (id.word != 0) emit_number(id.word - 1);
    return;
  case 'b': return emit_base_name(id);
  default: return push_both(id);
  }
}

void Printer::step() {
  uint32_t* frame = frames_.data() + (frames_.size() - frame_words);
  uint32_t& pc = frame[0];
  const uint32_t begin = pc;
  while (texts[pc] != '%' && texts[pc] != '\0') pc++;
  if (pc != begin) emit(texts + begin, pc - begin);
  if (texts[pc] == '\0') return frames_.truncate(frames_.size() - frame_words);
  pc += 2;
  directive(frame, texts[pc - 1]);
}

bool Printer::run(NodeId root) {
  frames_.clear();
  push_both(root);
  while (!failed_ && !frames_.empty()) step();
  return !failed_;
}

} // namespace

bool print(NodeId root, const char* mangled, DemangleBuffers& buffers, std::string& out, uint32_t max_size) {
  return Printer(mangled, buffers, out, max_size).run(root);
}

} // namespace weld::demangling
