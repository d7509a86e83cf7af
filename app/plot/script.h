#pragma once

#include <string>

#include "nflow/table.h"

namespace nflow::app {

enum class PictureFormat { png, svg, pdf, csv };

/// Colours, one meaning each: 0xRRGGBB.
inline constexpr unsigned kDataColour = 0x2f6690, kModelColour = 0xe07a1f, kBarColour = 0xa9c3d9,
                          kQuietColour = 0x505050;

/// Where a panel lies, in shares of the picture from its lower left corner.
struct Place {
  double left, right, bottom, top;
};

/// A gnuplot script as it grows: a picture of panels. For CSV there is no script to run, but the
/// numbers that it would draw.
class Script {
 public:
  Script(PictureFormat format, int width, int height);

  void add(const std::string& line) { text_ += line + "\n"; }
  /// Rows that plots can name; gives the name. NaN is left for gnuplot to pass over.
  std::string data(const RowMatrix& rows);
  /// What follows is drawn there.
  void place(const Place& place);
  /// An axis, "x" or "y", from low to high with about so many tics, none near the ends;
  /// `numbers`: with their values. Throws Error where the numbers are beyond gnuplot's.
  void axis(const std::string& name, double low, double high, bool numbers, int tics = 3);
  /// Bars of a histogram's rows, with curves over them (the rest of a plot command, or "").
  void bars(const RowMatrix& histogram, const std::string& over);

  /// Notes what a panel shows, for who wants the numbers: rows of x, of x and y, or of x, y and z.
  void note(const std::string& panel, const std::string& series, const RowMatrix& rows);

  const std::string& text() const { return text_; }
  /// What was noted, as CSV: panel,series,x,y,z.
  const std::string& numbers() const { return numbers_; }

 private:
  bool notes_;
  std::string text_, numbers_;
  int blocks_ = 0;
};

/// A text that gnuplot takes as it stands, whatever is in it.
std::string quoted(const std::string& text);
/// "'#2f6690'"; `clear` from 0 to 255 lets what lies below show.
std::string colour(unsigned rgb, unsigned clear = 0);

}  // namespace nflow::app
