int never(int n) { return n; }
