int steps;

int thrower(int depth, int value) {
  if (depth > 0) return thrower(depth - 1, value) + 1;
  if (value < 0) throw value;
  return value;
}
