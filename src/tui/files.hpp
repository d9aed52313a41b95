// The view of files: one directory of the selected host, beside that of the other hosts. What is
// found is the model's; which entry is selected, the order and the filter are the State's FilePane.
// Names are sent as the hosts have them, and shown with whatever could deceive made visible.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tui/overlays.hpp"

namespace bdsh::tui {

bool on_files(const State& state);  // the keys of Mode::files hold
// What is found in the directory that is looked at; null: nothing has been asked for.
const FilesView* files_of(const State& state, const Model& model);

// The entries that pass the filter, in the order wanted.
std::vector<const MergedEntry*> file_rows(const FilePane& pane, const FilesView& view);
int selected_file(const FilePane& pane, const std::vector<const MergedEntry*>& rows);  // -1: none
void select_file(Context& context, int row);
void move_file(Context& context, int rows);
void next_differing_file(Context& context, int step);
void mark_file(Context& context);

// False: the action is none of this view's.
bool perform_files(Action action, Context& context, std::unique_ptr<Overlay>& dialog);

std::string shown_name(std::string_view name);  // one line; no control or direction goes through
// "~" where the servers start, "~/x" below that; others as they are.
std::string shown_path(const std::string& path);
std::string path_in(const std::string& directory, const std::string& name);
// The directory above, as path_in() of it would be; `real`: its absolute path, if known. Nothing:
// there is none, or none that is known.
std::optional<std::string> path_above(const std::string& path, const std::string& real);

}  // namespace bdsh::tui
