// What is called and not kept: a reference to a function object, as C++26's std::function_ref. Unlike
// std::function, it allocates nothing, and a caller of it needs no code for copies.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace weld {

template <class Signature>
class FunctionRef;

template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
public:
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>) FunctionRef(const Callable& callable)
      : object_(std::addressof(callable)), call_([](const void* object, Arguments... arguments) -> Result {
          return (*static_cast<const Callable*>(object))(std::forward<Arguments>(arguments)...);
        }) {}
  Result operator()(Arguments... arguments) const {
    return call_(object_, std::forward<Arguments>(arguments)...);
  }

private:
  const void* object_;
  Result (*call_)(const void* object, Arguments... arguments);
};

} // namespace weld
