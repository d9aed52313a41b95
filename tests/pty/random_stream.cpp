#include "random_stream.hpp"

namespace bdsh::pty {

std::string RandomStream::one_of(const std::vector<std::string>& choices) {
  return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
}

Size RandomStream::size() {
  return {Rows{1 + below(12)}, Cols{4 + below(20)}};
}

std::string RandomStream::number() {
  switch (below(8)) {
    case 0:
      return "";
    case 1:
      return "0";
    case 2:
      return std::to_string(below(200));
    case 3:
      return one_of({"9999", "65535", "2147483647", "99999999999999999999"});
    default:
      return std::to_string(1 + below(24));
  }
}

std::string RandomStream::params(int most) {
  std::string out;
  for (int i = below(most + 1); i > 0; --i)
    out += number() + (i > 1 ? one_of({";", ";", ";", ":"}) : "");
  return out;
}

std::string RandomStream::text() {
  std::string out;
  for (int i = 1 + below(30); i > 0; --i) {
    switch (below(14)) {
      case 0:
        out += one_of({"é", "─", "漢", "字", "😀", "Ａ", "ﬁ"});
        break;
      case 1:
        out += one_of({"\u0301", "\u200d", "\ufe0f", "\u200b", "e\u0301\u0302"});
        break;
      case 2:
        out += one_of({"\xff", "\xc3", "\xe2\x82", "\xf0\x9f", "\xc0\xaf", "\xed\xa0\x80", "\x80",
                       "\xc2\x9b"});
        break;
      case 3:
        out += ' ';
        break;
      default:
        out.append(static_cast<std::size_t>(1 + below(6)), static_cast<char>('a' + below(26)));
        break;
    }
  }
  return out;
}

// More lines than a screen has rows: those that pass through it are printed another way.
std::string RandomStream::lines() {
  std::string out;
  const int most = below(2) == 0 ? 6 : 60;
  for (int i = 1 + below(30); i > 0; --i) {
    for (int part = below(4); part > 0; --part)
      out += std::string(static_cast<std::size_t>(below(most + 1)),
                         static_cast<char>('a' + below(26))) +
             std::string(static_cast<std::size_t>(below(3)), ' ');
    out += below(40) == 0 ? one_of({"\n", "\r", "\t\r\n", "é\r\n", "\x1b[1m\r\n"}) : "\r\n";
  }
  return out;
}

std::string RandomStream::sgr() {
  return "\x1b[" +
         one_of({"", "0", "1", "4:3", "7", "38;5;9", "48;5;200", "38:2::1:2:3", "48;2;9;8;7",
                 "58:2::1:2:3;4", "58;5;3;1", "38;2;1", "53;2;8",
                 "38:2:1:2:3;48:2:4:5:6;58:2:7:8:9;4:3;1;2;3;5;7;9"}) +
         "m";
}

std::string RandomStream::mode() {
  std::string out = "\x1b[";
  if (below(6) != 0) out += '?';
  out += one_of({"1", "5",  "6", "7",    "12;25",     "47",   "1047", "1048", "1049",  "69",
                 "4", "20", "3", "2004", "1000;1006", "2026", "45",   "1045", "66;67", "9"});
  if (below(6) == 0) out += ";7;69";
  return out + one_of({"h", "h", "l"});
}

std::string RandomStream::csi() {
  const std::string leader = below(10) == 0 ? one_of({"?", ">", "=", "<"}) : "";
  const std::string between =
      below(8) == 0 ? one_of({"'", " ", "!", "$", "$", "$", "\"", "*"}) : "";
  const std::string final(
      1, static_cast<char>(below(8) == 0      ? 0x40 + below(0x3F)
                           : !between.empty() ? "pqrtvxyz{}~|"[below(12)]
                                              : "@ABCDEFGHIJKLMPSTXZ`abdefgrsu^W"[below(31)]));
  return "\x1b[" + leader + params(below(10) == 0 ? 40 : 3) + between + final;
}

std::string RandomStream::string_sequence() {
  const std::string start =
      one_of({"\x1b]0;", "\x1b]2;", "\x1b]8;;", "\x1b]52;c;", "\x1b]133;A", "\x1b]133;D;1",
              "\x1bP$qm", "\x1bP$qr", "\x1bP+q", "\x1b_", "\x1b^"});
  const std::string body = below(40) == 0 ? std::string(5000, 'x') : below(2) == 0 ? "" : text();
  return start + body + one_of({"\x07", "\x1b\\", "\x1b\\", "\x18", "\x1b[m"});
}

std::string RandomStream::item() {
  switch (below(17)) {
    case 16:
      return lines();
    case 0:
    case 1:
    case 2:
      return csi();
    case 3:
      return mode();
    case 4:
      return sgr();
    case 5:
      return string_sequence();
    case 6:
      return one_of(
          {"\x1b"
           "7",
           "\x1b"
           "8",
           "\x1b"
           "8x",
           "\x1b"
           "D",
           "\x1b"
           "E",
           "\x1b"
           "M",
           "\x1b"
           "H",
           "\x1b"
           "6",
           "\x1b"
           "9",
           "\x1bV",
           "\x1bW",
           "\x1bN",
           "\x1b[1\"q",
           "\x1b[0\"q",
           "\x1b[?1;6;7;69s",
           "\x1b[?1;6;7;69r",
           "\x1b#8",
           "\x1b#6",
           "\x1b(0",
           "\x1b(B",
           "\x0e",
           "\x0f",
           "\x1b)0",
           "\x1b[!p",
           "\x1b"
           "c",
           "\x1b=",
           "\x1b>",
           "\x1b\x1b",
           "\x1b[\x18",
           "\x1b[1\n;2H"});
    case 7:
      return one_of({"\x1b[b", "漢\x1b[999b", "\x1b[2;5r", "\x1b[3;4r\x1b[99B\n\n",
                     "\x1b[?69h\x1b[2;4s", "\x1b[6n", "\x1b[c", "\x1b[?6n", "\x1b[18t",
                     "\x1b[22t\x1b[23t", "\x1b[?7$p", "\x1b[3J"});
    case 8:
    case 9:
      return one_of(
          {"\n", "\r\n", "\r\n", "\r", "\b", "\t", "\v", "\x07", "\x7f", std::string(1, '\0')});
    default:
      return text();
  }
}

std::vector<Step> RandomStream::steps(int count) {
  std::vector<Step> out;
  while (static_cast<int>(out.size()) < count) {
    if (below(12) == 0) {
      out.emplace_back(size());
      continue;
    }
    std::string bytes;
    for (int i = 1 + below(6); i > 0; --i) bytes += item();
    // Cut anywhere: the rest comes with a later step, perhaps after a resize.
    const std::size_t cut = static_cast<std::size_t>(below(static_cast<int>(bytes.size()) + 1));
    out.emplace_back(bytes.substr(0, cut));
    if (below(8) == 0) out.emplace_back(size());
    out.emplace_back(bytes.substr(cut));
  }
  return out;
}

}  // namespace bdsh::pty
