// Throws and catches across objects. The run-time library is in runtime.cpp: wasi's is built without
// exceptions.
extern int steps;
int thrower(int depth, int value);

struct Step {
  ~Step() { steps++; } // a landing pad that continues
};

extern "C" __attribute__((export_name("catches"))) int catches(int depth, int value) {
  try {
    Step step;
    return thrower(depth, value);
  } catch (...) {
    return -1;
  }
}

extern "C" __attribute__((export_name("rethrows"))) int rethrows(int value) {
  try {
    try {
      return thrower(2, value);
    } catch (...) {
      steps += 100;
      throw;
    }
  } catch (...) {
    return steps;
  }
}

extern "C" __attribute__((export_name("step_count"))) int step_count() {
  return steps;
}
