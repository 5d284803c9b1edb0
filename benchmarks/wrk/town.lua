-- Requests about random cases of the town; answers that are not wanted are counted and reported.
-- Environment: TOKEN, CASES, SELLERS, WHAT (offers or case).
local token = os.getenv("TOKEN")
local cases = tonumber(os.getenv("CASES"))
local sellers = tonumber(os.getenv("SELLERS"))
local offers = os.getenv("WHAT") == "offers"
local wanted = offers and 201 or 200
local body = '{"remedy":{"amount":1000,"currency":"EUR","goods":"keep"},"note":"We are sorry. Would this be fair?"}'
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  math.randomseed(number * 7919 + os.time())
  unwanted = 0
  sample = ""
  headers = { ["Authorization"] = "Bearer " .. token }
  if offers then headers["Content-Type"] = "application/json" end
end

function request()
  local n = math.random(0, cases - 1)
  local path = string.format("/v1/cases/order-%08d.1", n)
  if not offers then return wrk.format("GET", path .. "?timeline=true", headers) end
  headers["Amends-Act-As"] = "seller:seller-" .. (n % sellers)
  return wrk.format("POST", path .. "/offers", headers, body)
end

function response(status, _, text)
  if status ~= wanted then
    unwanted = unwanted + 1
    sample = status .. " " .. text
  end
end

function done(summary, latency, _)
  local unwanted, sample = 0, ""
  for _, thread in ipairs(threads) do
    unwanted = unwanted + thread:get("unwanted")
    if thread:get("sample") ~= "" then sample = thread:get("sample") end
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, unwanted, errors,
    latency:percentile(50), latency:percentile(99)))
  if sample ~= "" then io.write("SAMPLE " .. sample:gsub("\n", " ") .. "\n") end
end
