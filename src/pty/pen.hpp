// Select Graphic Rendition: what CSI … m does to the style that text is written in, and back.
// Sources: ECMA-48 §8.3.117, ITU-T T.416 colours, xterm's ctlseqs, kitty's underline styles.
#pragma once

#include <string>

#include "core/cell.hpp"
#include "pty/csi.hpp"

namespace bdsh::pty {

// Both spellings of colours are understood (38;2;r;g;b and 38:2:[space]:r:g:b); underline colours
// (58) are taken apart and dropped.
void apply_sgr(const Csi& csi, Style& pen);

// The parameters that select `pen`, starting with 0 (the answer to DECRQSS m).
std::string sgr_params(const Style& pen);

}  // namespace bdsh::pty
