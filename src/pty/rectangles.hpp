// Rectangular areas and protected cells (VT420): copying, filling, erasing, changing attributes.
// Source: VT510 manual, DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA, DECSCA.
#pragma once

#include "pty/csi.hpp"
#include "pty/screen.hpp"

namespace bdsh::pty {

class Rectangles {
 public:
  // `reachable`: what coordinates are counted from and clipped to (the margins with DECOM).
  Rectangles(Screen& screen, Rect reachable) : screen_(screen), reachable_(reachable) {}

  void copy(const Csi& csi);               // DECCRA
  void fill(const Csi& csi);               // DECFRA, in the pen's style
  void erase(const Csi& csi);              // DECERA
  void erase_unprotected(const Csi& csi);  // DECSERA
  // DECCARA (`invert` false) and DECRARA; `stream`: from the first position to the last, as text
  // runs, instead of the rectangle.
  void change_attributes(const Csi& csi, bool invert, bool stream);

 private:
  // Parameters `first` … `first` + 3: top, left, bottom, right; missing ones reach the edge. The
  // sizes are not positive when the end lies before the beginning.
  Rect area(const Csi& csi, std::size_t first) const;

  Screen& screen_;
  Rect reachable_;
};

}  // namespace bdsh::pty
