// Which two transcripts the diff view compares: hosts, variants or rounds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tui/overlays.hpp"

namespace bdsh::tui {

struct DiffSides {
  consensus::TextRef left;
  consensus::TextRef right;
  std::string left_name;  // "reference (web01)", "web03, round 2"
  std::string right_name;
  std::string problem;  // why there is nothing to compare; the rest is empty then
};

// What the choice means for the selected and marked hosts in the round that `model` shows.
DiffSides diff_sides(const State& state, const Model& model);
// What `d` compares: one or two marked hosts where they are not alike, else the selected one with
// the reference.
DiffChoice usual_diff(const State& state, const Model& model);
// Another pair is shown than before: its beginning, nothing unfolded.
void follow_diff(State& state, const Model& model);
// All that can be compared now, one a row.
std::unique_ptr<Overlay> diff_chooser_overlay();

}  // namespace bdsh::tui
