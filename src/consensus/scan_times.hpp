// Scanners of times, dates and durations. Each reads forward and says whether it matched.
#pragma once

#include "consensus/mask_cursor.hpp"

namespace bdsh::consensus {

bool zone(Cursor& c);           // Z, +02:00, +0200, UTC
bool time_of_day(Cursor& c);    // 2:03, 02:03:04, 02:03:04.567, 2:03 PM
bool iso_stamp(Cursor& c);      // 2026-11-22, with a time and a zone behind it or not
bool month_stamp(Cursor& c);    // Nov 22 02:29:04 UTC 2026, Nov  2 02:29, Nov 22, 2026
bool day_stamp(Cursor& c);      // 22 Nov 2026 02:29:04 +0000, 22/Nov/2026:02:29:04, 22-Nov-2026
bool weekday_stamp(Cursor& c);  // one of these behind a weekday
// 3.2s, 12ms, 5 seconds, 1h30m, 2min 3s, 0m1.234s. A whole number right behind "=" is a setting
// (TimeoutSec=30s) and stays; so does a lone 5m, 2h or 3d, which may be a size or a name.
bool duration(Cursor& c, char preceding);

}  // namespace bdsh::consensus
