typedef struct Node {
  struct Node *next;
  long value;
} Node;

Node last = {0, 1L << 40};
_Thread_local long own = 7;

static long add(long a, long b) { return a + b; }
static long multiply(long a, long b) { return a * b; }
long (*const operations[])(long, long) = {add, multiply};
