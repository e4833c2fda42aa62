// A member of a library, and what two inputs must not both define.
int counter = 0;

int shared(int x) {
  return x + counter;
}
