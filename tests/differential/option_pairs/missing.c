int missing(int n);
int (*address_of_missing)(int) = missing;
int uses_missing(int n) { return missing(n) + address_of_missing(n); }
