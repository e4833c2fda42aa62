int twice(int n);
__attribute__((export_name("answer"))) int answer(void) { return twice(21); }
