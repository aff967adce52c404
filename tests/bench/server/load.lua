-- wrk's script: POSTs the titles of a file, one a line, each thread beginning elsewhere in it.
-- Environment: BENCH_TITLES (file), BENCH_TIER ("" for the server's own).
local bodies, position, step, threads = {}, 0, 1, 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  local tier = os.getenv("BENCH_TIER") or ""
  for title in io.lines(os.getenv("BENCH_TITLES")) do
    local body = '{"title": "' .. title .. '"'
    if tier ~= "" then body = body .. ', "tier": "' .. tier .. '"' end
    bodies[#bodies + 1] = body .. "}"
  end
  position = math.floor(#bodies / 2) * number
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  position = position % #bodies + 1
  return wrk.format(nil, "/v1/predict", nil, bodies[position])
end

local failed = 0
function response(status)
  if status ~= 200 then failed = failed + 1 end
end

function done(summary, latency)
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.3f, "not_2xx": %d, "socket_errors": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
