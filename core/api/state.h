// What is behind the public face (core/include/weld/weld.h).
#pragma once

#include "core/include/weld/weld.h"
#include "core/session/session.h"

namespace weld::api {

struct Linker::State {
  Session session;
  std::shared_ptr<int> alive = std::make_shared<int>(); // units have weak references to it
  uint64_t owner = 0;                                   // of its inputs
  std::vector<uint32_t> generations;                    // row of an input -> how often it was removed
  std::vector<uint64_t> unit_owners; // row of an input -> owner of its unit's symbols; 0: none yet
  std::vector<uint8_t> output;       // of the last link
  std::vector<Message> messages;

  // The input's row in the session; none when it is not of this linker, or gone.
  InputId find(uint64_t input_owner, uint32_t row, uint32_t generation) const;
  uint32_t generation(InputId id);
  uint64_t unit_owner(InputId id);
  // Moves what the session has to say into `messages`.
  void take_messages(bool as_lld = false, Demangling demangling = Demangling::Llvm22);
};

uint64_t new_owner();
std::vector<Message> messages_of(const Diagnostics& diagnostics, bool as_lld, Demangling demangling);
// Checked and finished. False, with messages, when they are refused.
bool to_inside(const Options& from, weld::Options& to, Diagnostics& diagnostics);

} // namespace weld::api
