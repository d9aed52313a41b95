// Fills the man page's template: the options and the keys come from the program's own tables.
//   make_man TEMPLATE > bdsh-tui.1
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "config/options.hpp"
#include "tui/keymap.hpp"

namespace {

// A line of its own in the template; text without a final line end gets one.
void replace_line(std::string& page, const std::string& marker, std::string text) {
  const std::size_t at = page.find(marker + "\n");
  if (at == std::string::npos) throw std::runtime_error("the template lacks " + marker);
  if (text.empty() || text.back() != '\n') text += '\n';
  page.replace(at, marker.size() + 1, text);
}

}  // namespace

int main(int argc, char** argv) try {
  std::ifstream file(argc == 2 ? argv[1] : "");
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  replace_line(page, "@OPTIONS@", bdsh::config::options_mdoc());
  replace_line(page, "@KEYS@", bdsh::tui::keys_as_mdoc());
  std::cout << page;
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "make_man: " << error.what() << '\n';
  return 1;
}
