// A key as bytes for one host's program, given the modes it has set. Source: xterm's ctlseqs.
#pragma once

#include <string>

#include "core/key.hpp"
#include "pty/modes.hpp"

namespace bdsh::pty {

// Empty when the program is not to see the key (mouse and focus reports it has not asked for).
std::string encode_key(const Key& key, const Modes& modes, Size size);

// Pasted text without the sequences that end a bracketed paste, also when taking one out puts
// another one together.
std::string without_paste_end(std::string_view text);

}  // namespace bdsh::pty
