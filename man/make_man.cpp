// Fills a man page's template: subcommands, options and keys come from the program's own tables.
//   make_man NAME TEMPLATE > PAGE     NAME: a subcommand's, or "" for the main page
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "config/usage_text.hpp"
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
  if (argc != 3) throw std::runtime_error("usage: make_man NAME TEMPLATE");
  const bdsh::config::Command* command = bdsh::config::find_command(argv[1]);
  const bool main_page = command == nullptr;
  if (main_page && argv[1][0] != '\0') throw std::runtime_error("no such subcommand");
  std::ifstream file(argv[2]);
  std::stringstream text;
  if (file) text << file.rdbuf();
  std::string page = text.str();
  using bdsh::config::Job;
  replace_line(page, "@OPTIONS@", bdsh::config::options_mdoc(main_page ? Job::run : command->job));
  if (main_page) {
    replace_line(page, "@COMMANDS@", bdsh::config::commands_mdoc());
    replace_line(page, "@KEYS@", bdsh::tui::keys_as_mdoc());
  }
  if (page.empty()) throw std::runtime_error("the template cannot be read");
  std::cout << page;
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "make_man: " << error.what() << '\n';
  return 1;
}
