-- The record of the newest version of each article and of its category, and the lists that its views stand in.
--
-- From `key` on, KEYS are: versions, categories, totals, counted, unfiled, unfiled views, W window lists, D day lists,
-- D day totals. From `arg` on, ARGV are: day list ttl s, W, D, W window names, D days.

-- The record, and the first positions in KEYS and ARGV after it.
local function open_record(key, arg)
  local window_count, day_count = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
  local record = {
    versions = KEYS[key], categories = KEYS[key + 1],
    lists = {
      windows = {}, names = {}, days = {}, day_lists = {}, day_totals = {}, day_ttl = ARGV[arg],
      totals = KEYS[key + 2], counted = KEYS[key + 3], unfiled = KEYS[key + 4], unfiled_views = KEYS[key + 5],
    },
  }
  local lists = record.lists
  for w = 1, window_count do
    lists.windows[w] = KEYS[key + 5 + w]
    lists.names[w] = ARGV[arg + 2 + w]
  end
  for d = 1, day_count do
    lists.days[d] = ARGV[arg + 2 + window_count + d]
    lists.day_lists[d] = KEYS[key + 5 + window_count + d]
    lists.day_totals[d] = KEYS[key + 5 + window_count + day_count + d]
  end
  return record, key + 6 + window_count + 2 * day_count, arg + 3 + window_count + day_count
end

-- Negative after a retraction, nil before the first event.
local function known_version(record, article)
  return tonumber(redis.call('HGET', record.versions, article))
end

-- Nothing happens when the record knows something newer.
local function note_article(record, article, version, retracted, category)
  local known = known_version(record, article)
  if known and math.abs(known) > tonumber(version) then return end
  if not known then
    file_first(record.lists, article, category, retracted)
  elseif known > 0 then
    refile(record.lists, article, redis.call('HGET', record.categories, article), category, retracted)
  end
  redis.call('HSET', record.versions, article, (retracted and '-' or '') .. version)
  if retracted or category == '' then
    redis.call('HDEL', record.categories, article)
  else
    redis.call('HSET', record.categories, article, category)
  end
end

-- What is wrong with the arguments of a step on `items` articles, or nil: before its first write, because Lua takes
-- nothing back. Each item is `size` arguments from ARGV `first` on, its version the one at `version` (from 0).
local function fault_of_items(items, first, size, version, keys_end)
  if #ARGV ~= first - 1 + size * items or #KEYS ~= keys_end - 1 then return 'wrong number of arguments' end
  for i = 0, items - 1 do
    if not string.find(ARGV[first + size * i + version], '^%d+$') then return 'a version is no number' end
  end
  return nil
end
