#pragma once
#include <string>

struct Point {
  double x, y;
};

std::string table(int rows);
std::string show(const Point& point);
