// Gives the sequencer's units their meaning: prints, moves, answers. Sequences that edit or scroll
// the screen are put together anew for libvterm, in forms it is known to survive; cursor movement
// and what needs margins at the sides is Editor's; colours, character sets, buffers, erasing,
// rectangles, saved cursors, modes, titles and replies are handled here.
//
// Sources: ECMA-48, DEC's VT510 manual, xterm's ctlseqs; docs/terminal.md lists what is known.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pty/charsets.hpp"
#include "pty/csi.hpp"
#include "pty/editor.hpp"
#include "pty/host_terminal.hpp"
#include "pty/modes.hpp"
#include "pty/screen.hpp"
#include "pty/sequencer.hpp"
#include "pty/vterm_state.hpp"

namespace bdsh::pty {

class Interpreter {
 public:
  static constexpr std::size_t kMaxTitle = 256;
  static constexpr std::size_t kMaxTitles = 8;        // saved by CSI 22 t
  static constexpr std::size_t kMaxReplies = 16'384;  // bytes per feed; more is dropped

  Interpreter(CellTables& tables, const TerminalOptions& options);

  // `result` collects replies, marks and the bell.
  void handle(const Unit& unit, FeedResult& result);
  // Takes whole lines from the front of a host's bytes, between two units, where that is faster;
  // how many bytes it took. The sequencer is at rest and need not see them.
  std::size_t take_lines(std::string_view bytes);
  void resize(Size size);

  void end_synchronized() { modes_.synchronized = false; }

  bool at_rest() const;  // see HostTerminal::at_rest

  Screen& screen() { return screen_; }
  const Screen& screen() const { return screen_; }
  const Modes& modes() const { return modes_; }
  const std::string& title() const { return title_; }
  const std::string& url_host() const { return url_host_; }

 private:
  struct SavedCursor {
    Point at;
    bool pending_wrap = false;
    bool origin = false;
    Style pen;
    Charsets charsets;
  };

  // Text.
  void print_ascii(std::string_view text);
  void print(char32_t code);
  void print_slowly(char32_t code, int width);
  void control(char32_t code);
  void line_feed(char32_t code);
  void index();
  void reverse_index();
  void carriage_return();
  void backspace();
  void tab(char final, int count);  // HT and CHT: 'I', CBT: 'Z'
  void repeat(int count);

  // Sequences.
  void escape(std::string_view text);
  void escape_with_intermediate(std::string_view text);
  void align();
  void csi(const Csi& csi);
  void plain_csi(const Csi& csi);
  bool move(const Csi& csi);
  void edit(const Csi& csi);
  void edit_between_margins(const Csi& csi);
  void private_csi(const Csi& csi);
  void csi_with_intermediate(const Csi& csi);
  void rectangle(const Csi& csi);
  void erase(const Rect& rect, bool selective);
  void erase_display(int what, bool selective);
  void erase_line(int what, bool selective);
  void erase_characters(int count);
  void set_margins(const Csi& csi);
  void set_side_margins(const Csi& csi);
  void reset_tab_stops();
  void set_cursor_style(int style);
  void protect(int what);
  void set_other_keys(const Csi& csi);
  void window_operation(const Csi& csi);
  void osc(std::string_view text);
  void shell_mark(std::string_view text);
  void dcs(std::string_view text);

  // Modes.
  void set_ansi_mode(int mode, bool on);
  void set_private_mode(int mode, bool on);
  void set_side_margin_mode(bool on);
  void set_autowrap(bool on);
  void set_origin(bool on);
  void set_mouse(MouseMode mode, bool on);
  void set_alternate(int mode, bool on);
  bool* flag(int mode);  // of a private mode that is nothing but a flag; else null
  void save_modes(const Csi& csi);
  void restore_modes(const Csi& csi);
  void report_mode(const Csi& csi);
  int private_mode_state(int mode);  // as DECRPM says it: 0 unknown, 1 set, 2 reset, 3 and 4 fixed
  int ansi_mode_state(int mode) const;
  void reset();
  void soft_reset();
  void set_level(const Csi& csi);

  // Replies.
  void reply(std::string_view text);
  void report_status(int what);
  void report_device_status(const Csi& csi);
  std::string position() const;
  void report_setting(std::string_view what);
  std::string setting(std::string_view what);

  // The cursor.
  SavedCursor& saved() { return saved_[screen_.alternate() ? 1 : 0]; }
  void save_cursor();
  void restore_cursor();
  void move_to(Point at);  // from the origin
  void cancel_wrap();
  bool plain_state() const;  // the express lane and libvterm mean the same
  Editor editor() { return {screen_, modes_}; }
  void run(std::string_view sequence, bool keep = false);
  void send(const Csi& csi);
  void set_title(std::string_view text);
  void take_clipboard(std::string_view text);
  void set_directory(std::string_view url);

  bool lane_;   // TerminalOptions::express_lane
  bool plain_;  // TerminalOptions::Kind::plain
  Screen screen_;
  VtermState vterm_;
  bool behind_ = false;  // libvterm's cursor is not where the screen's is
  Modes modes_;
  Charsets charsets_;
  std::array<SavedCursor, 2> saved_;  // of the primary and the alternate screen
  std::map<int, bool> saved_modes_;   // by XTSAVE; only modes that private_mode_state() knows
  int level_ = 65;                    // DECSCL: answered, without effect
  char32_t last_printed_ = 0;
  std::string title_;
  std::string url_host_;
  std::vector<std::string> titles_;
  FeedResult* result_ = nullptr;  // during handle()
};

}  // namespace bdsh::pty
