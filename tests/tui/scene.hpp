// Scripts that drive the dashboard and show what it draws: hosts, output and keys in, the surface
// as text and the emitted commands out. See tests/tui/golden/README.md for the language.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tui/dashboard.hpp"

namespace bdsh::tui {

class SceneScript {
 public:
  SceneScript();
  // Runs one line of the script; what it shows is appended to `output`. Throws on a bad line.
  void run(const std::string& line, std::string& output);

 private:
  using Words = std::vector<std::string>;
  Model model();
  void add_hosts(const Words& words);
  void set_status(HostView& host, const Words& words, std::size_t from);
  void add_block(const Words& words);
  void add_text(const std::string& text);
  void add_variant(const Words& words);
  ScreenSnapshot screen_of(HostId host, int back);
  void set_screens(const Words& words);
  void finish_round();
  void add_diff(const std::string& verb, const std::string& text);
  void add_screen_variant(consensus::ScreenVariant::Kind kind, const HostSet& hosts,
                          std::uint32_t cells);
  void list_files(const Words& words);
  void press(const std::string& name, std::string& output);
  void show(std::string& output, bool styles);
  void move_mouse(MouseEvent::Kind kind, const Words& words, std::size_t at, std::string& output);
  HostSet hosts_named(const std::string& names) const;
  HostId host_named(const std::string& name) const;

  CellTables tables_;
  std::unique_ptr<Theme> theme_;
  std::unique_ptr<Dashboard> dashboard_;
  DashboardOptions options_;
  Size size_;
  Model model_;
  std::vector<HostView> hosts_;
  HostSet excluded_;
  consensus::Outcome outcome_;
  consensus::MergedView merged_;
  SearchFound found_;
  DirectoryMerge files_;
  FilesView files_view_;
  consensus::ScreenConsensus screens_;
  std::vector<EventLine> events_;
  std::map<std::uint32_t, std::vector<std::string>> terminals_;
  std::map<std::uint32_t, Point> cursors_;
  consensus::Diff diff_;
  std::map<std::size_t, std::vector<consensus::Spread>> spreads_;  // by line
  std::vector<consensus::TextLine> diff_left_;
  std::vector<consensus::TextLine> diff_right_;
  std::vector<consensus::RoundRecord> history_;
  std::vector<SearchHit> hits_;
  // What hosts print in a line of the view: block, side, line.
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, std::vector<consensus::HostLine>> numbers_;
  LineNumbers line_numbers_;
};

}  // namespace bdsh::tui
