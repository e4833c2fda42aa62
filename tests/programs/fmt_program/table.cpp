// The second object that instantiates fmt's templates.
#include "table.h"

#include <fmt/format.h>

template <>
struct fmt::formatter<Point> : fmt::formatter<double> {
  template <class Context>
  auto format(const Point& p, Context& context) const {
    auto out = fmt::format_to(context.out(), "<");
    context.advance_to(out);
    out = fmt::formatter<double>::format(p.x, context);
    out = fmt::format_to(out, ", ");
    context.advance_to(out);
    out = fmt::formatter<double>::format(p.y, context);
    return fmt::format_to(out, ">");
  }
};

std::string table(int rows) {
  std::string text;
  for (int i = 1; i <= rows; ++i)
    text += fmt::format("{:>3}|{:<8b}|{:^8x}|{:+.3e}\n", i, i * i, i << 12, 1.0 / i);
  return text;
}

std::string show(const Point& point) {
  return fmt::format("{:.2f}", point);
}
