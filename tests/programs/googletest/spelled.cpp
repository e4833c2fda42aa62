#include "stack.h"

std::string spelled(int number) {
  static const char* const digits[] = {"zero", "one", "two",   "three", "four",
                                       "five", "six", "seven", "eight", "nine"};
  Stack<std::string> words;
  do words.push(digits[number % 10]);
  while (number /= 10);
  std::string text = words.pop();
  while (!words.empty()) text += "-" + words.pop();
  return text;
}
