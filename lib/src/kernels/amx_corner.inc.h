// A tile of C: where it is whole it is written where it lies, else by way of a copy.

/// The rows that 16 columns from `col` on write: some of the columns [first, last), all of them
/// [all_first, all_last).
struct AmxRows {
  Index first, last = 0, all_first = 0, all_last;

  AmxRows(const Gemm<float>& g, Index col) : first(g.rows), all_last(g.rows) {
    for (Index j = col; j < col + kAmxSide && j < g.cols; ++j) {
      const Index begin = g.row_begin ? g.row_begin[j] : 0, end = g.row_end ? g.row_end[j] : g.rows;
      all_first = begin > all_first ? begin : all_first;
      all_last = end < all_last ? end : all_last;
      if (begin >= end) continue;
      first = begin < first ? begin : first;
      last = end > last ? end : last;
    }
    if (col + kAmxSide > g.cols) all_last = 0;
  }

  bool some(Index from, Index to) const { return first < to && from < last; }
  bool all(Index from, Index to) const { return all_first <= from && to <= all_last; }
};

/// What of C one register holds: 16 columns from `col` on, 16 rows from `row` on.
class AmxCorner {
 public:
  AmxCorner(const Gemm<float>& g, const AmxRows& rows, Index row, Index col)
      : g_(g), row_(row), col_(col), whole_(rows.all(row, row + kAmxSide)) {}

  /// The numbers to start from: in C itself, or a copy of what C has of them; else the bias.
  const float* start(bool adds, Index& stride) {
    if (!adds) {
      stride = kAmxSide;
      for (Index j = 0; j < kAmxSide; ++j) {
        const bool there = col_ + j < g_.cols;
        store(copy_ + j * kAmxSide, splat<float>(there ? g_.bias[col_ + j] : 0.f));
      }
      return copy_;
    }
    if (whole_) return place(stride);
    stride = kAmxSide;
    for (Index j = 0; j < kAmxSide; ++j) {
      for (Index i = 0; i < kAmxSide; ++i) copy_[j * kAmxSide + i] = inside(i, j) ? at(i, j) : 0;
    }
    return copy_;
  }
  /// Where to write.
  float* place(Index& stride) {
    stride = whole_ ? g_.c_stride : kAmxSide;
    return whole_ ? g_.c + col_ * g_.c_stride + row_ : copy_;
  }
  /// Call when it is written.
  void finish() {
    if (whole_) return;
    for (Index j = 0; j < kAmxSide; ++j) {
      for (Index i = 0; i < kAmxSide; ++i) {
        if (inside(i, j)) at(i, j) = copy_[j * kAmxSide + i];
      }
    }
  }

 private:
  Index begin(Index j) const { return (g_.row_begin ? g_.row_begin[col_ + j] : 0) - row_; }
  Index end(Index j) const { return (g_.row_end ? g_.row_end[col_ + j] : g_.rows) - row_; }
  bool inside(Index i, Index j) const {
    return col_ + j < g_.cols && row_ + i < g_.rows && begin(j) <= i && i < end(j);
  }
  float& at(Index i, Index j) const { return g_.c[(col_ + j) * g_.c_stride + row_ + i]; }

  const Gemm<float>& g_;
  Index row_, col_;
  bool whole_;
  alignas(64) float copy_[kAmxTile];
};
