// Dialogs: small modes on top of NAVIGATE. The topmost gets every key; the first one that closes
// gives way to the one below.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tui/command.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {

// What handling a key may read, change and emit. Valid for one key.
struct Context {
  const Model& model;
  State& state;
  const Look& look;
  const Key& leave_key;
  std::vector<Command>& out;
  Size screen;  // the user's
  std::optional<Action> chosen;  // in the palette: done once the palette has closed
};

class Overlay {
 public:
  virtual ~Overlay() = default;
  // True: it is done and goes away.
  virtual bool handle(const Key& key, Context& context) = 0;
  virtual void draw(Scene& scene) = 0;
};

std::unique_ptr<Overlay> help_overlay();

// Yes or no. `lines` are shown cut to the room there is.
struct Question {
  std::string title;
  std::vector<std::string> lines;
  std::string yes;  // what `y` does: "y quits"
  bool danger = false;
};
std::unique_ptr<Overlay> question_overlay(Question question, std::function<void(Context&)> on_yes);

// A paste of several lines for several hosts: shown first. Later pieces of the same paste are
// taken in as long as the question stands.
std::unique_ptr<Overlay> paste_overlay(Key paste);

// Leaves its choice in Context::chosen. `replay`: with the commands of a run played again.
std::unique_ptr<Overlay> palette_overlay(bool replay);
std::unique_ptr<Overlay> mask_list_overlay();

// Copy mode over the pane that is shown: from the keyboard with the caret in its last row; or by a
// drag of the mouse, null when it did not begin in the pane's text.
std::unique_ptr<Overlay> copy_overlay(Context& context);
std::unique_ptr<Overlay> copy_overlay(Context& context, Point pressed, Point now);

// The next question of hosts that is neither answered nor set aside, as a dialog: the table of
// all unknown host keys, or one entry for all hosts that ask for the same secret. Null: none.
std::unique_ptr<Overlay> prompt_overlay(const Model& model, const HostSet& set_aside);

// One line of text being typed: changes `text` as an editor would; false: the key means something
// else.
bool edit_text(std::string& text, const Key& key);
void draw_entry_line(Scene& scene, std::string_view prompt, const std::string& text);

// A filled box with a frame in the middle of the screen; returns its inside.
Rect draw_box(Scene& scene, std::string_view title, int rows, int cols, Paint frame);

}  // namespace bdsh::tui
