// The views: each draws one part of a frame. They may fit the State's scroll windows to what they
// drew; nothing else of it changes here.
#pragma once

#include "tui/keymap.hpp"
#include "tui/layout.hpp"
#include "tui/look.hpp"
#include "tui/state.hpp"

namespace bdsh::tui {

// One frame's materials, valid while it is drawn.
struct Scene {
  const Model& model;
  State& state;
  const Look& look;
  Surface& surface;
  Layout layout;
  HostSet& shown;  // hosts whose live screens are in the frame
  const Key& leave_key;
};

void draw_top_line(Scene& scene);
void draw_bottom_line(Scene& scene);
void draw_too_small(Scene& scene);
void draw_frames(Scene& scene);  // around list and pane, with the titles
void draw_host_list(Scene& scene);

void draw_view(Scene& scene);  // the one that the state names
void draw_consensus(Scene& scene);
void draw_focus(Scene& scene);
void draw_split(Scene& scene);
void draw_diff(Scene& scene);
void draw_variants(Scene& scene);
void draw_log(Scene& scene);
void draw_search(Scene& scene);
void draw_files(Scene& scene);
std::string files_title(const Scene& scene);

// Lines of text in the middle of the pane, for when there is nothing else to show.
struct Message {
  std::string text;
  Paint paint = Paint::text;
};
void draw_message(Scene& scene, Rect area, const std::vector<Message>& lines);

// A line of the consensus with its masked and changed parts; bytes [begin, end) of it. Returns
// whether it did not fit.
bool draw_text_line(Pen& pen, const Look& look, const consensus::TextLine& line, std::size_t begin,
                    std::size_t end, StyleId base);

// Where a cropped terminal's window starts, so that the cursor is inside.
Point crop_origin(const ScreenPlace& screen, Rect window);
void place_cursor(Scene& scene, const ScreenSnapshot& screen, Point from, Rect area);
std::string state_words(const HostView& host);  // "running", "exit 3", "connection refused"
std::string exit_words(const std::optional<ExitResult>& exit);  // "0", "SIGKILL", "-": not known

}  // namespace bdsh::tui
