#include <iostream>

int main() { std::cout << "words\n"; }
