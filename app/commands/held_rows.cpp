#include "commands/held_rows.h"

#include <algorithm>
#include <string>

#include "commands/command.h"
#include "commands/draw_report.h"
#include "commands/far_contexts.h"
#include "commands/fresh_seed.h"
#include "nflow/error.h"
#include "nflow/partial.h"
#include "report/progress.h"
#include "tables/digits.h"
#include "tables/rows.h"

namespace nflow::app {
namespace {

class HeldSampler {
 public:
  HeldSampler(const Model& model, const Arguments& arguments, const CsvReader& reader,
              const PartialColumns& columns, PieceOutput& out)
      : model_(model),
        reader_(reader),
        columns_(columns),
        partial_(model, threads(arguments)),
        out_(out),
        far_(model),
        seed_(seed_of(arguments)),
        next_(arguments.count("offset", 0)),
        digits_(arguments),
        progress_(arguments.text("output", "-"), 0) {}

  /// Draws `count` rows for each row of the chunk.
  void add(const CsvChunk& chunk, std::uint64_t count) {
    const RowMatrix rows = columns_.rows(chunk.rows, false);
    const RowMatrix context = columns_.context(chunk.rows);
    const auto all = static_cast<std::uint64_t>(rows.rows());
    if (count != 0 && all > (kMostSampledRows - next_) / count) throw Error(kStreamEnds);
    const auto most = static_cast<std::uint64_t>(kHeldRows);
    const auto at_once =
        static_cast<Index>(std::max<std::uint64_t>(1, most / std::max<std::uint64_t>(1, count)));
    for (Index first = 0; first < rows.rows() && count != 0; first += at_once) {
      const Index n = std::min(at_once, rows.rows() - first);
      for (std::uint64_t done = 0; done < count; done += most) {
        const auto more = static_cast<Index>(std::min(most, count - done));
        std::string text;
        if (out_.mine()) {
          draw(text, rows.middleRows(first, n), context.middleRows(first, n), more,
               chunk.line.data() + first);
        }
        out_.write_piece(text);
        next_ += static_cast<std::uint64_t>(n * more);
        progress_.add(static_cast<std::uint64_t>(n * more));
      }
    }
  }

  void warn() const {
    report_.warn();
    far_.warn(true);
  }

 private:
  static constexpr Index kHeldRows = 8192;  // whose draws are shared: what more are is drawn anew

  void draw(std::string& text, const RowMatrix& rows, const RowMatrix& context, Index more,
            const std::size_t* lines) {
    const RowMatrix features = context_features(context, model_.context_kinds);
    far_.add(features);
    PartialDraws draws = partial_.draw(rows, features, seed_, next_, more);
    report_.add(draws.effective, draws.enough);
    digits_.cut(draws.rows, model_);
    for (Index i = 0; i < draws.rows.rows(); ++i) {
      for (Index j = 0; j < rows.cols(); ++j) {
        if (!is_unknown(rows(i / more, j))) draws.rows(i, j) = rows(i / more, j);
      }
      const double* row = draws.rows.row(i).data();
      if (!is_complete(model_, row) || std::any_of(row, row + draws.rows.cols(), is_unknown)) {
        throw Error(reader_.place(lines[i / more]) +
                    ": what is held has no density under the model, or is beyond its precision");
      }
      append_context(text, model_, context.row(i / more).data(), ',');
      if (context.cols() != 0) text += ',';
      append_row(text, model_, row, ',');
      text += '\n';
    }
  }

  const Model& model_;
  const CsvReader& reader_;
  const PartialColumns& columns_;
  Partial partial_;
  PieceOutput& out_;
  FarContexts far_;
  DrawReport report_;
  std::uint64_t seed_, next_;
  Digits digits_;
  RowProgress progress_;
};

}  // namespace

void sample_held(const Model& model, const Arguments& arguments, CsvReader& reader,
                 const PartialColumns& columns, std::uint64_t count, PieceOutput& out) {
  HeldSampler sampler(model, arguments, reader, columns, out);
  CsvChunk chunk;
  while (reader.read(chunk, kChunkRows)) sampler.add(chunk, count);
  out.commit();
  sampler.warn();
}

}  // namespace nflow::app
