-- Acknowledge entries of views and count their views: one step, so no view is counted and not acknowledged.
--
-- KEYS 1 stream, 2 versions, 3 categories, 4 raw views, 5 counted views, 6 totals, 7 unfiled, 8 unfiled views,
--   9 .. 8+W window lists, then D day lists, then D day totals, then sets of viewers
-- ARGV 1 group, 2 now ms, 3 unfiled articles kept, 4 viewers ttl s, 5 day list ttl s, 6 trim 0|1, 7 kept in a window
--   list of all articles, 8 kept in a window list of a category, 9 W, 10 D, then W window names, W half-lives s,
--   W negligible scores, D days, number of articles, article ids, number of entries, then per entry:
--   entry id, number of articles in it, then per article: its index, its views, its countable views, then per
--   countable view: index in KEYS of its set of viewers, viewer hash, seconds since the epoch of decay or '' when it is
--   too old for the windows, index of its day or 0
-- Answers counted, repeats, raw only, refused (views of entries that were settled before).

local call = redis.call

-- What the arguments say, read and checked whole before the first write, because Lua takes nothing back.
local position = 11
local function next_argument()
  position = position + 1
  return ARGV[position - 1]
end
local malformed = false
local function next_number(low, high)
  local number = tonumber(next_argument())
  if number and number >= low and number <= high then return number end
  malformed = true
  return low
end
local function next_list(length)
  local list = {}
  for i = 1, length do list[i] = next_argument() end
  return list
end

local W, D = tonumber(ARGV[9]), tonumber(ARGV[10])
local names, half_lives, negligible, days = next_list(W), next_list(W), next_list(W), next_list(D)
local articles = next_list(next_number(0, 1e6))
local function read_view()
  local viewers, hash, seconds, day = next_number(9 + W + 2 * D, #KEYS), next_argument(), next_argument(), next_number(0, D)
  local time = tonumber(seconds)
  if not string.find(hash or '', '^%-?%d+$') or (seconds ~= '' and (not time or math.abs(time) > 1e12)) then
    malformed = true
  end
  return {viewers = KEYS[viewers], hash = hash, seconds = time, day = day}
end
local entries = {}
for e = 1, next_number(1, 1e6) do
  local entry = {id = next_argument(), groups = {}}
  for g = 1, next_number(0, #articles) do
    local group = {article = next_number(1, #articles), views = next_number(1, 1e6), countable = {}}
    for v = 1, next_number(0, group.views) do
      group.countable[v] = read_view()
      if malformed then break end
    end
    entry.groups[g] = group
    if malformed then break end
  end
  entries[e] = entry
  if malformed then break end
end
if malformed or position ~= #ARGV + 1 then return redis.error_reply('ERR count_views: malformed arguments') end
for w = 1, W do half_lives[w] = tonumber(half_lives[w]) end

-- Lua hands a C function at most 8000 values at a time.
local function in_slices(list, visit)
  for from = 1, #list, 1000 do visit(from, math.min(from + 999, #list)) end
end

local versions, categories = {}, {}
in_slices(articles, function(from, to)
  local found_versions = call('HMGET', KEYS[2], unpack(articles, from, to))
  local found_categories = call('HMGET', KEYS[3], unpack(articles, from, to))
  for i = from, to do
    versions[i] = tonumber(found_versions[i - from + 1])
    categories[i] = found_categories[i - from + 1]
  end
end)

-- Gather what this call adds. A gain's `sums` are relative to its first view, where they stay far within a double:
-- views lie at most 14 days apart, 336 half-lives.
local raw, gains, touched = {}, {}, {}
local counted, repeats, raw_only, refused = 0, 0, 0, 0

local function gain_of(article)
  local gain = gains[article]
  if not gain then
    gain = {count = 0, sums = {}, days = {}}
    gains[article] = gain
  end
  return gain
end

local function count(article, view)
  local gain = gain_of(article)
  gain.count = gain.count + 1
  if view.seconds then
    if not gain.origin then
      gain.origin = view.seconds
      for w = 1, W do gain.sums[w] = 0 end
    end
    local age = (view.seconds - gain.origin) * LN2
    for w = 1, W do gain.sums[w] = gain.sums[w] + exp(age / half_lives[w]) end
  end
  if view.day > 0 then gain.days[view.day] = (gain.days[view.day] or 0) + 1 end
end

for _, entry in ipairs(entries) do
  if call('XACK', KEYS[1], ARGV[1], entry.id) == 1 then
    call('XDEL', KEYS[1], entry.id)
    for _, group in ipairs(entry.groups) do
      local article = group.article
      raw[article] = (raw[article] or 0) + group.views
      raw_only = raw_only + group.views - #group.countable
      if versions[article] and versions[article] < 0 then
        raw_only = raw_only + #group.countable
      else
        for _, view in ipairs(group.countable) do
          if call('SADD', view.viewers, view.hash) == 1 then
            touched[view.viewers] = true
            counted = counted + 1
            count(article, view)
          else
            repeats = repeats + 1
          end
        end
      end
    end
  else
    for _, group in ipairs(entry.groups) do refused = refused + group.views end
  end
end

for key in pairs(touched) do call('EXPIRE', key, ARGV[4], 'NX') end

local function score_of(gain, w)
  return gain.origin and gain.origin / half_lives[w] + log(gain.sums[w]) / LN2 or nil
end

local function add_to_unfiled(article, gain)
  local record = read_unfiled(call('HGET', KEYS[8], articles[article]), W)
  record.counted = record.counted + gain.count
  for w = 1, W do record.scores[w] = log2_add(record.scores[w], score_of(gain, w)) end
  for d, views in pairs(gain.days) do record.days[days[d]] = (record.days[days[d]] or 0) + views end
  call('HSET', KEYS[8], articles[article], write_unfiled(record, W, days))
end

-- The articles of each scope ('' for all, ':<category>') whose lists grow; shared/views/lua/filing.lua says how.
local filed, scopes, seen_unfiled = {}, {}, {}
for article = 1, #articles do
  if raw[article] then
    call('HINCRBY', KEYS[4], articles[article], raw[article])
    local gain = gains[article]
    if not versions[article] then
      seen_unfiled[#seen_unfiled + 1] = article
      if gain then add_to_unfiled(article, gain) end
    elseif gain then
      call('ZINCRBY', KEYS[5], gain.count, articles[article])
      filed[#filed + 1] = article
      local scope = categories[article] and ':' .. categories[article]
      if scope then
        scopes[scope] = scopes[scope] or {}
        table.insert(scopes[scope], article)
      end
    end
  end
end
scopes[''] = filed

-- The lists of all articles are the authority; the lists of the categories get copies of the same scores.
local scores = {}
for w = 1, W do
  scores[w] = {}
  in_slices(filed, function(from, to)
    local ids = {}
    for i = from, to do ids[#ids + 1] = articles[filed[i]] end
    local found = call('ZMSCORE', KEYS[8 + w], unpack(ids))
    for i = from, to do
      local gained = score_of(gains[filed[i]], w)
      if gained then scores[w][filed[i]] = digits(log2_add(tonumber(found[i - from + 1]), gained)) end
    end
  end)
end

local function add_to_windows(scope, members)
  local fields, changed = {}, {}
  for w = 1, W do fields[w] = names[w] .. scope end
  local totals = call('HMGET', KEYS[6], unpack(fields))
  for w = 1, W do
    local total = tonumber(totals[w])
    in_slices(members, function(from, to)
      local pairs_ = {}
      for i = from, to do
        local score = scores[w][members[i]]
        if score then
          pairs_[#pairs_ + 1] = score
          pairs_[#pairs_ + 1] = articles[members[i]]
          total = log2_add(total, score_of(gains[members[i]], w))
        end
      end
      if #pairs_ > 0 then call('ZADD', KEYS[8 + w] .. scope, unpack(pairs_)) end
    end)
    if total then
      changed[#changed + 1] = fields[w]
      changed[#changed + 1] = digits(total)
    end
  end
  if #changed > 0 then call('HSET', KEYS[6], unpack(changed)) end
end

local function add_to_days(scope, members)
  for d = 1, D do
    local list, totals, total = KEYS[8 + W + d] .. scope, KEYS[8 + W + D + d], 0
    for _, article in ipairs(members) do
      local views = gains[article].days[d]
      if views then
        call('ZINCRBY', list, views, articles[article])
        total = total + views
      end
    end
    if total > 0 then
      call('HINCRBY', totals, scope, total)
      call('EXPIRE', list, ARGV[5], 'NX')
      call('EXPIRE', totals, ARGV[5], 'NX')
    end
  end
end

for scope, members in pairs(scopes) do
  if #members > 0 then
    add_to_windows(scope, members)
    add_to_days(scope, members)
    if ARGV[6] == '1' then
      local kept = scope == '' and ARGV[7] or ARGV[8]
      for w = 1, W do
        call('ZREMRANGEBYSCORE', KEYS[8 + w] .. scope, '-inf', '(' .. negligible[w])
        call('ZREMRANGEBYRANK', KEYS[8 + w] .. scope, 0, -(kept + 1))
      end
    end
  end
end

-- Anybody can send views of articles that do not exist: the newest stay, the others lose their counts.
if #seen_unfiled > 0 then
  for _, article in ipairs(seen_unfiled) do call('ZADD', KEYS[7], ARGV[2], articles[article]) end
  local excess = call('ZCARD', KEYS[7]) - ARGV[3]
  if excess > 0 then
    local evicted = call('ZPOPMIN', KEYS[7], excess)
    for i = 1, #evicted, 2 do
      call('HDEL', KEYS[8], evicted[i])
      call('HDEL', KEYS[4], evicted[i])
    end
  end
end
return {counted, repeats, raw_only, refused}
