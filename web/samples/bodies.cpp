// Switch on "Live" and edit this while it runs: the bodies continue from where they are.
#include "canvas.h"
#include <math.h>

struct Body {
  double x, y, dx, dy; // from the middle
};

static Body bodies[9];
static double before, seconds;

static void begin() {
  for (int i = 0; i < 9; i++) {
    double angle = 0.7 * i, speed = 60 + 13 * i;
    bodies[i] = {30.0 + 13 * i, 0, speed * sin(angle), speed * cos(angle)};
  }
}

// As if a spring held it.
static void move(Body &body, double step) {
  double pull = 1.5;
  body.dx -= pull * body.x * step;
  body.dy -= pull * body.y * step;
  body.x += body.dx * step;
  body.y += body.dy * step;
}

static void draw(const Body &body, int i) {
  const unsigned colours[] = {0xff6b6b, 0xffd166, 0x4cc9f0};
  double scale = fmin(canvas_width(), canvas_height()) / 280;
  double x = canvas_width() / 2 + scale * body.x;
  double y = canvas_height() / 2 + scale * body.y;
  canvas_colour(colours[i % 3], 1);
  canvas_circle(x, y, scale * (10 + i));
}

void frame(double ms) {
  if (seconds == 0) begin();
  double step = fmin((ms - before) / 1000, 0.05);
  before = ms;
  seconds += step;

  canvas_clear(0x10141c);
  for (int i = 0; i < 9; i++) {
    move(bodies[i], step);
    draw(bodies[i], i);
  }

  // So long since it was started: an edit does not start it again.
  canvas_colour(0x8b95a7, 1);
  canvas_rectangle(0, canvas_height() - 4, canvas_width() * fmod(seconds, 60) / 60, 4);
}
