#include <algorithm>

#include "commands/command.h"
#include "commands/far_contexts.h"
#include "commands/fresh_seed.h"
#include "commands/held_rows.h"
#include "commands/region.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"
#include "options/options.h"
#include "processes/pieces.h"
#include "processes/processes.h"
#include "report/log.h"
#include "report/progress.h"
#include "tables/column_supports.h"
#include "tables/digits.h"
#include "tables/manner.h"
#include "tables/partial_columns.h"
#include "tables/rows.h"

namespace nflow::app {

Syntax sample_syntax() {
  return {
      "sample",
      {"sample -m MODEL -n N [--given CSV] [--temperature T] [-o FILE] [options]",
       "sample -m MODEL -n N --where EXPRESSION"},
      "Draws N rows from the model. Row i depends on the seed and i alone: --offset K starts at\n"
      "row K, and the outputs of an array of jobs together are what one job writes.\n",
      {"nflow sample -m data.nflow -n 1000 > samples.csv",
       "nflow sample -m data.nflow -n 500 --seed 7 --offset 500 > second-half.csv",
       "nflow sample -m data.nflow -n 100 --where 'x > 0 && y < 2 * x' > region.csv",
       "nflow sample -m conditional.nflow -n 10 --given conditions.csv > samples.csv",
       "nflow sample -m data.nflow -n 10 --given some-columns.csv > completed.csv"},
      {model_group(),
       {"Sampling",
        {{"rows", 'n', whole_number("N", 0, kMostSampledRows),
          "rows to draw; for each row of --given, where there is one"},
         {"offset", 0, whole_number("K", 0, kMostSampledRows),
          "start at row K of the seed's stream (default: 0)"},
         {"given", 0, "CSV",
          "values of the context, and of columns to be held; - is standard input"},
         {"temperature", 0, real_number("T", kPositive),
          "deviation of the latent normal (default: 1)"},
         where_option("only rows for which this holds, drawn from the density given that")}},
       input_group(),
       {"Output",
        {output_option("where the CSV goes (default: standard output)"), no_header_option(),
         digits_option()}}},
      "",
      ""};
}

namespace {

/// A region of less mass takes more draws for a row than --where is to spend.
constexpr double kLeastMass = 1e-4;
constexpr Index kMostMassDraws = 1000000;  // to find out
constexpr const char* kWider = "; name a wider one";

/// Collects the contexts of the rows to draw, and draws and writes them batch by batch.
class Sampler {
 public:
  /// `given`: the table of the contexts; null where the model has none. Throws Error for a region
  /// of too little mass.
  Sampler(const Model& model, const Arguments& arguments, const CsvReader* given, PieceOutput& out)
      : model_(model),
        evaluator_(model, threads(arguments)),
        out_(out),
        given_(given),
        far_(model),
        contexts_(kChunkRows, static_cast<Index>(model.context.size())),
        seed_(seed_of(arguments)),
        first_(arguments.count("offset", 0)),
        next_(first_),
        digits_(arguments),
        temperature_(arguments.real("temperature", 1)),
        condition_(where_of(arguments, model)),
        progress_(arguments.text("output", "-"),
                  arguments.given("given") ? 0 : arguments.count("rows", 0)) {
    if (!condition_) return;
    region_.emplace(evaluator_, *condition_, static_cast<Index>(model.columns.size()), seed_,
                    temperature_);
    if (!given_) check_mass(arguments.spelling("where"));
  }

  /// Draws `count` rows for one context, which stands in that line.
  void add(const Eigen::RowVectorXd& context, std::size_t line, std::uint64_t count) {
    if (count > kMostSampledRows - next_ - static_cast<std::uint64_t>(waiting_)) {
      throw Error(kStreamEnds);
    }
    while (count != 0) {
      const auto room = static_cast<std::uint64_t>(kChunkRows - waiting_);
      const auto more = static_cast<Index>(std::min(room, count));
      contexts_.middleRows(waiting_, more).rowwise() = context;
      std::fill_n(lines_.begin() + waiting_, more, line);
      waiting_ += more;
      count -= static_cast<std::uint64_t>(more);
      if (waiting_ == kChunkRows) flush();
    }
  }

  /// Writes all rows asked for so far.
  void flush() {
    if (waiting_ == 0) return;
    std::string text;
    if (out_.mine()) draw(text);
    out_.write_piece(text);
    next_ += static_cast<std::uint64_t>(waiting_);
    progress_.add(static_cast<std::uint64_t>(waiting_));
    waiting_ = 0;
  }

  void warn() const {
    far_.warn(true);
    if (region_ && given_) tell_mean_mass();
  }

 private:
  /// A region that takes too many draws for a row is refused before the first one.
  void check_mass(const std::string& option) {
    const RegionMass found = RegionMasses(model_, evaluator_, *condition_, kMostMassDraws,
                                          temperature_)(RowMatrix(0, 0), 0);
    if (found.inside == 0) throw Error(option + ": " + none_inside(found.draws) + kWider);
    if (found.mass() < kLeastMass) {
      throw Error(fmt::format(
          "{}: the region has {:.2g} of the model's mass (standard error {:.1g}): a row in it "
          "takes {:.0f} draws, where {:.0f} are the most{}",
          option, found.mass(), found.error(), 1 / found.mass(), 1 / kLeastMass, kWider));
    }
    tell_mass(found, "the model's mass");
  }

  void tell_mean_mass() const {
    RegionMass all = region_->first_draws();
    all.draws = static_cast<Index>(sum_of_all(static_cast<std::uint64_t>(all.draws)));
    all.inside = static_cast<Index>(sum_of_all(static_cast<std::uint64_t>(all.inside)));
    if (all.draws > 0) tell_mass(all, "the model's mass, on average over the contexts given");
  }

  /// What stands in a line of --given, for messages; nothing where there is none.
  std::string place_of(Index row) const {
    return given_ ? given_->place(lines_[static_cast<std::size_t>(row)]) + ": " : "";
  }

  void draw_rows(const RowMatrix& features) {
    if (!region_) {
      evaluator_.sample(seed_, next_, waiting_, features, temperature_, rows_);
      return;
    }
    const Index missed = region_->sample(next_, waiting_, features, rows_);
    if (missed == waiting_) return;
    throw Error(place_of(missed) + none_inside(RegionRows::kMostDraws) + kWider);
  }

  void draw(std::string& text) {
    const RowMatrix context = contexts_.topRows(waiting_);
    const RowMatrix features = context_features(context, model_.context_kinds);
    far_.add(features);
    draw_rows(features);
    digits_.cut(rows_, model_);
    for (Index i = 0; i < waiting_; ++i) {
      if (!is_complete(model_, rows_.row(i).data())) {
        const auto number = next_ - first_ + static_cast<std::uint64_t>(i) + 1;
        throw Error(place_of(i) + "row " + std::to_string(number) +
                    " of the sample is beyond the model's precision");
      }
      append_context(text, model_, context.row(i).data(), ',');
      if (context.cols() != 0) text += ',';
      append_row(text, model_, rows_.row(i).data(), ',');
      text += '\n';
    }
  }

  const Model& model_;
  Evaluator evaluator_;
  PieceOutput& out_;
  const CsvReader* given_;
  FarContexts far_;
  RowMatrix contexts_;  // of the rows that wait to be drawn
  std::vector<std::size_t> lines_ = std::vector<std::size_t>(kChunkRows);  // that those stand in
  Index waiting_ = 0;
  RowMatrix rows_;
  std::uint64_t seed_;
  std::uint64_t first_;  // index in the stream of the first row
  std::uint64_t next_;   // of the first that waits
  Digits digits_;
  double temperature_;
  std::optional<Condition> condition_;  // --where
  std::optional<RegionRows> region_;
  RowProgress progress_;
};

void sample_given(Sampler& sampler, CsvReader& reader, std::uint64_t count) {
  CsvChunk chunk;
  while (reader.read(chunk, kChunkRows)) {
    for (Index i = 0; i < chunk.rows.rows(); ++i) {
      sampler.add(chunk.rows.row(i), chunk.line[static_cast<std::size_t>(i)], count);
    }
    sampler.flush();  // what came through a pipe is answered before more comes
  }
}

/// "a,b", in quotes where they are needed.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  append_names(text, names, ',');
  return text;
}

void check_given(const Model& model, bool given) {
  if (!given && !model.context.empty()) {
    throw UsageError("the model is conditioned on " + listed(model.context) +
                     ": name a file with values of them by --given CSV");
  }
}

}  // namespace

int run_sample(const Arguments& arguments) {
  const std::string path = model_path(arguments);
  const std::string given = arguments.text("given", "");
  arguments.required("rows");
  const std::uint64_t count = arguments.count("rows", 0);
  if (!arguments.given("given")) refuse_input_options(arguments, "the table of --given");
  CsvFormat format = csv_format(arguments);
  if (arguments.given("offset") && !arguments.given("seed")) {
    throw UsageError("--offset needs --seed: without it each call draws from a stream of its own");
  }
  refuse_two_standard_inputs(path, given, "MODEL and --given");
  refuse_shared_input(path);
  refuse_shared_input(given);

  const Model model = load_model(path);
  check_given(model, arguments.given("given"));
  std::optional<CsvReader> reader;
  std::optional<PartialColumns> columns;
  if (arguments.given("given")) {
    understand_model(model, format);
    format.like = like_table_of(model, arguments);
    format.missing = CsvFormat::Missing::keep;
    reader.emplace(given, format);
    warn_of_numeric_header(*reader, format);
    columns.emplace(model, *reader);
    if (columns->present() == 0 && model.context.empty()) columns->refuse_none(*reader);
    columns->select(*reader);
    reader->set_check(columns->check());
  }
  const bool held = columns && columns->present() > 0;
  if (held && arguments.given("temperature")) {
    throw UsageError("--temperature: " + reader->name() +
                     " holds columns of the model, and the others are drawn from its own density");
  }
  if (held && arguments.given("where")) {
    throw UsageError("--where: " + reader->name() +
                     " holds columns of the model; a region is for rows that are drawn whole");
  }
  if (held && columns->present() == static_cast<Index>(model.columns.size())) {
    log_warning("{}: all columns of the model are there, and held: only empty cells are drawn",
                reader->name());
  }
  PieceOutput out(arguments.text("output", "-"));
  std::vector<std::string> names = model.context;
  names.insert(names.end(), model.columns.begin(), model.columns.end());
  const auto write_header = [&] {
    if (!arguments.given("no-header")) out.write(listed(names) + '\n');
  };
  if (held) {
    write_header();
    sample_held(model, arguments, *reader, *columns, count, out);
    return 0;
  }
  Sampler sampler(model, arguments, reader ? &*reader : nullptr, out);
  write_header();  // a region that cannot be drawn from leaves no output
  if (reader) {
    sample_given(sampler, *reader, count);
  } else {
    sampler.add(Eigen::RowVectorXd(0), 0, count);
    sampler.flush();
  }
  out.commit();
  sampler.warn();
  return 0;
}

}  // namespace nflow::app
