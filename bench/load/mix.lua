-- Requests that wrk sends for `python -m bench load`: alternating searches and retrievals, with
-- random numbers from a fixed seed. Prints the results as JSON.

local api = "/spectra/api/v0.1/"
local products = 0

function init(arguments)
  products = tonumber(arguments[1])
  math.randomseed(tonumber(arguments[2]))
end

local function window()
  local low = 4.9 + 0.8 * math.random()
  return string.format("search?wavelength=%.4f,%.4f&flux.gte=2&derSnr.gt=0.1&limit=100", low, low + 0.02)
end

local function brightest()
  return string.format("search?flux.gte=%.3f&columns=fileName,ra,dec&limit=50&format=csv",
    10 + 10 * math.random())
end

local function group()
  return string.format("search?group=True&flux.gte=%.3f&limit=100", 5 + 5 * math.random())
end

local function file()
  return string.format("jw01234-o%03d_t001_miri_ch1-short_x1d.fits", math.random(products))
end

local function spectrum()
  return "retrieve?filename=" .. file()
end

local function table_of_spectrum()
  return "retrieve?format=votable&filename=" .. file()
end

local mix = { window, spectrum, brightest, table_of_spectrum, group, spectrum }
local number = 0

function request()
  number = number % #mix + 1
  return wrk.format("GET", api .. mix[number]())
end

function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "median": %d, "p99": %d, '
    .. '"refused": %d, "broken": %d, "late": %d}',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write, e.timeout))
end
