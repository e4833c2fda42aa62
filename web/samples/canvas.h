// What a program in weld's page draws with. A program that defines `frame` is an animation: the page calls it before each
// repaint. Places and sizes are in pixels of the page, from the top left. A colour is 0xRRGGBB.
#pragma once

#define CANVAS(name) __attribute__((import_module("canvas"), import_name(#name)))

#ifdef __cplusplus
extern "C" {
#endif

// Defined by the program. `ms`: milliseconds since the animation began.
__attribute__((export_name("frame"))) void frame(double ms);

CANVAS(width) double canvas_width(void);
CANVAS(height) double canvas_height(void);
// Fills all of the canvas.
CANVAS(clear) void canvas_clear(unsigned colour);
// The colour of what is drawn from now on. `opacity`: from 0 to 1.
CANVAS(colour) void canvas_colour(unsigned colour, double opacity);
CANVAS(circle) void canvas_circle(double x, double y, double radius);
CANVAS(rectangle) void canvas_rectangle(double x, double y, double width, double height);
CANVAS(line) void canvas_line(double x1, double y1, double x2, double y2, double width);
// `x`, `y`: where its first line begins, and the line that it stands on.
CANVAS(text) void canvas_text(double x, double y, double size, const char *text);
// Where the pointer was last, and whether it is pressed.
CANVAS(pointer_x) double canvas_pointer_x(void);
CANVAS(pointer_y) double canvas_pointer_y(void);
CANVAS(pointer_pressed) int canvas_pointer_pressed(void);

#ifdef __cplusplus
}
#endif
