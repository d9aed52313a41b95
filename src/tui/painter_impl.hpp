// The two ways to paint: ncurses, of which there can be one at a time, and the plain one.
#pragma once

#include <memory>
#include <string>

#include "tui/painter.hpp"

namespace bdsh::tui {

class Painter::Impl {
 public:
  virtual ~Impl() = default;
  virtual std::string enter() = 0;
  virtual std::string leave() = 0;
  virtual std::string leave_bytes() const = 0;
  virtual std::string paint(const Surface& surface) = 0;
  virtual void resize(Size size) = 0;
  virtual void redraw() = 0;
  virtual std::string set_mouse(bool on) = 0;
  virtual int colors() const = 0;
  virtual const std::string& term() const = 0;
};

std::unique_ptr<Painter::Impl> plain_painter(const PainterOptions& options);

}  // namespace bdsh::tui
