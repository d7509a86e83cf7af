// A tile of C: where it is whole it is written where it lies, else by way of a copy.

/// What of C one register holds: 16 columns from `col` on, 16 rows from `row` on.
class AmxCorner {
 public:
  AmxCorner(const Gemm<float>& g, Index row, Index col) : g_(g), row_(row), col_(col) {
    whole_ = row + kAmxSide <= g.rows && col + kAmxSide <= g.cols;
    if (!g.row_begin && !g.row_end) return;
    for (Index j = 0; whole_ && j < kAmxSide; ++j) whole_ = begin(j) <= 0 && end(j) >= kAmxSide;
  }

  /// The numbers to start from: in C itself, or a copy of what C has of them.
  const float* start(bool adds, Index& stride) {
    if (!adds) {
      stride = kAmxSide;
      for (Index j = 0; j < kAmxSide; ++j) {
        const bool there = g_.bias && col_ + j < g_.cols;
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
