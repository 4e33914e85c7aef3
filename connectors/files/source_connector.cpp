#include "connectors/files/source_connector.hpp"

#include <utility>

namespace usher {
namespace {

class Source : public PlainConnector {
 public:
  Source(const std::string& kind, const SourceOptions& options, std::unique_ptr<SourceFormat> format)
      : options_(options),
        capabilities_(source_capabilities(kind, options.key)),
        format_(std::move(format)),
        file_(options.path, options.shown, options.size_limit),
        page_(std::make_unique<RecordPage>(options_)) {}

  const Capabilities& capabilities() const override { return capabilities_; }
  std::string signature() const override { return file_.signature() + " " + options_.digest; }

  Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) override {
    if (cursor.empty() || cursor != cursor_) {
      if (auto begun = begin(stop); !begun) return tl::unexpected(begun.error());
      while (!cursor.empty() && cursor != cursor_) {
        if (at_end_)
          return tl::unexpected(
              file_.failure(FailureKind::invalid, "no page begins at the cursor " + cursor));
        if (auto passed = read_page(stop); !passed) return passed;
      }
    }
    return read_page(stop);
  }

  Outcome<Receipt> apply(const Operation&, const Secret&, std::stop_token) override {
    return tl::unexpected(file_.failure(FailureKind::unsupported, "a source is only read"));
  }

  Outcome<std::optional<Account>> read(const AccountQuery&, std::stop_token) override {
    return tl::unexpected(file_.failure(FailureKind::unsupported, "a file is only read as a whole"));
  }

 private:
  Outcome<void> begin(const std::stop_token& stop) {
    if (auto rewound = file_.rewind(stop); !rewound) return rewound;
    if (file_.is_empty_input() && !options_.empty_allowed)
      return tl::unexpected(file_.failure(
          FailureKind::unreachable,
          "it was empty: pipe the people into each command, as in `people | usher plan`; 'empty: allowed' if "
          "there may be nobody"));
    page_ = std::make_unique<RecordPage>(options_);
    format_->begin(file_, *page_);
    if (page_->surveys()) {
      if (auto surveyed = survey(stop); !surveyed) return surveyed;
    }
    pieces_ = 0;
    at_end_ = false;
    cursor_.clear();
    return {};
  }

  /// Reads the file once to see which of several records of one key is chosen, and goes back.
  Outcome<void> survey(const std::stop_token& stop) {
    while (true) {
      if (stop.stop_requested())
        return tl::unexpected(file_.failure(FailureKind::stopped, "stopped while reading"));
      const Outcome<bool> more = format_->advance(file_);
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
    }
    page_->end_survey();
    if (auto rewound = file_.rewind(stop); !rewound) return rewound;
    format_->begin(file_, *page_);
    return {};
  }

  Outcome<Page> read_page(const std::stop_token& stop) {
    if (file_.is_empty_input()) return nobody();
    while (!at_end_ && (!page_->full() || page_->stopping())) {
      if (stop.stop_requested()) return fail(file_.failure(FailureKind::stopped, "stopped while reading"));
      const Outcome<bool> more = format_->advance(file_);
      if (!more) return fail(more.error());
      ++pieces_;
      at_end_ = !*more;
    }
    if (auto unchanged = file_.check_unchanged(); !unchanged) return fail(unchanged.error());
    Outcome<Page> page = page_->take(at_end_, file_);
    if (!page) return fail(page.error());
    cursor_ = std::to_string(pieces_);
    if (!at_end_) page->next = cursor_;
    return page;
  }

  /// Of standard input that may be empty and is.
  Page nobody() {
    at_end_ = true;
    Page page;
    page.listing = "records";
    page.may_be_empty = true;
    return page;
  }

  /// After a failure the next fetch begins at the beginning, whatever its cursor.
  Outcome<Page> fail(Failure failure) {
    cursor_.clear();
    at_end_ = true;
    return tl::unexpected(std::move(failure));
  }

  SourceOptions options_;
  Capabilities capabilities_;
  std::unique_ptr<SourceFormat> format_;
  SourceFile file_;
  std::unique_ptr<RecordPage> page_;
  std::uint64_t pieces_ = 0;  ///< of the file that were read: the cursor
  std::string cursor_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<Connector> make_source(const std::string& kind, const SourceOptions& options,
                                       std::unique_ptr<SourceFormat> format) {
  return std::make_unique<Source>(kind, options, std::move(format));
}

}  // namespace usher
