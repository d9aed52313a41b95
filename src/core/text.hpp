// Text of foreign origin made safe, and widths: one table for hosts' terminals and for drawing.
#pragma once

#include <string>
#include <string_view>

namespace bdsh {

// Columns a code point takes: 0 (combining, zero-width), 1 or 2; -1 for a control character.
// The table is glibc's C.UTF-8 wcwidth (see width_table.inc), so that ncurses agrees.
int char_width(char32_t code_point);

// Columns of a UTF-8 text; control characters count 0.
int text_width(std::string_view utf8);

// Decodes one code point at `at` and advances it; an invalid byte gives U+FFFD and advances one.
char32_t decode_utf8(std::string_view text, std::size_t& at);

std::string lower(std::string_view text);  // ASCII letters only

// One line that is safe to show or log: control characters (C0, DEL, C1) and invalid UTF-8 become
// U+FFFD or, for tab and line ends, a space; cut to `max_bytes` at a character boundary.
std::string sanitised(std::string_view text, std::size_t max_bytes = 4096);

// One word of sh, whatever the text holds ('…' with '\'' for a quote). NUL bytes are left out.
std::string shell_quoted(std::string_view text);

// The first `columns` columns of a text (a wide character that does not fit is left out).
std::string cut_to_width(std::string_view utf8, int columns);

// A file's name that needs no quotes in a shell and is not hidden: letters, digits and "._-".
std::string plain_file_name(std::string_view text);

}  // namespace bdsh
