#include "server/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <utility>

namespace smartsynch {
namespace {

constexpr const char* kReasons[] = {"queue_full", "rate_limited", "unauthorised"};
constexpr const char* kClasses[] = {"gone", "1xx", "2xx", "3xx", "4xx", "5xx"};

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

void Header(const std::string& name, const char* type, const std::string& help, std::string& out) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string Braces(const std::string& labels) { return labels.empty() ? "" : "{" + labels + "}"; }

// Pages of the process that are in memory, in bytes.
double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

void Histogram::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<std::size_t>(bound - bounds_.begin())].fetch_add(1,
                                                                       std::memory_order_relaxed);
  sum_micro_.fetch_add(static_cast<std::uint64_t>(value * 1e6), std::memory_order_relaxed);
}

void Histogram::Write(const std::string& name, const std::string& labels, std::string& out) const {
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i];
    const std::string bound = i < bounds_.size() ? Number(bounds_[i]) : "+Inf";
    out += name + "_bucket{" + before + "le=\"" + bound + "\"} " + std::to_string(total) + "\n";
  }
  out += name + "_sum" + Braces(labels) + " " + Number(static_cast<double>(sum_micro_) / 1e6) +
         "\n" + name + "_count" + Braces(labels) + " " + std::to_string(total) + "\n";
}

ServerMetrics::Route::Route(std::string given)
    : name(std::move(given)),
      seconds({0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30}) {}

ServerMetrics::ServerMetrics(std::vector<std::string> routes) : batches_({1, 2, 4, 8, 16, 32, 64}) {
  for (std::string& route : routes) routes_.push_back(std::make_unique<Route>(std::move(route)));
}

void ServerMetrics::CountRequest(std::size_t route, int status, double seconds) {
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  routes_[route]->statuses[status_class].fetch_add(1, std::memory_order_relaxed);
  routes_[route]->seconds.Observe(seconds);
}

void ServerMetrics::CountBatch(std::size_t tasks) { batches_.Observe(static_cast<double>(tasks)); }

void ServerMetrics::CountRejected(std::size_t reason) { ++rejected_[reason]; }

void ServerMetrics::Watch(std::string name, std::string type, std::string help,
                          std::function<double()> value) {
  const std::lock_guard lock(mutex_);
  watched_.push_back({std::move(name), std::move(type), std::move(help), std::move(value)});
}

std::string ServerMetrics::Text() const {
  std::string out;
  const std::string requests = "smartsynch_http_requests_total";
  Header(requests, "counter", "Requests by route and class of status.", out);
  for (const auto& route : routes_) {
    for (std::size_t i = 0; i < kStatusClasses; ++i) {
      if (route->statuses[i] == 0 && i != 2) continue;
      out += requests + "{route=\"" + route->name + "\",status=\"" + kClasses[i] + "\"} " +
             std::to_string(route->statuses[i]) + "\n";
    }
  }
  const std::string seconds = "smartsynch_http_request_seconds";
  Header(seconds, "histogram", "Time from a request's first byte to its answer's last.", out);
  for (const auto& route : routes_) {
    route->seconds.Write(seconds, "route=\"" + route->name + "\"", out);
  }
  Header("smartsynch_predictions_total", "counter", "Tasks answered.", out);
  out += "smartsynch_predictions_total " + std::to_string(predictions_) + "\n";
  Header("smartsynch_encoder_batch_tasks", "histogram", "Tasks encoded together.", out);
  batches_.Write("smartsynch_encoder_batch_tasks", "", out);
  Header("smartsynch_rejected_total", "counter", "Requests turned away by reason.", out);
  for (std::size_t i = 0; i < rejected_.size(); ++i) {
    out += std::string("smartsynch_rejected_total{reason=\"") + kReasons[i] + "\"} " +
           std::to_string(rejected_[i]) + "\n";
  }
  Header("process_resident_memory_bytes", "gauge", "Memory in use.", out);
  out += "process_resident_memory_bytes " + Number(ResidentBytes()) + "\n";
  const std::lock_guard lock(mutex_);
  for (const Watched& watched : watched_) {
    Header(watched.name, watched.type.c_str(), watched.help, out);
    out += watched.name + " " + Number(watched.value()) + "\n";
  }
  return out;
}

}  // namespace smartsynch
