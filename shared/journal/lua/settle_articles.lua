-- Settle article events: acknowledge, delete, note the version and the category, file the article, leave a trail.
--
-- KEYS 1 stream, 2 versions, 3 categories, 4 totals, 5 counted, 6 unfiled, 7 unfiled views, 8 prefix of the trails,
--   9 .. 8+W window lists, then D day lists, then D day totals
-- ARGV 1 group, 2 trail ttl s, 3 day list ttl s, 4 W, 5 D, W window names, D days, number of items, then per item:
--   entry id, article id, version, applied 0|1, retracted 0|1, category ('' none), trail stage, trail mark

local window_count, day_count = tonumber(ARGV[4]), tonumber(ARGV[5])
local first = 7 + window_count + day_count
local items = tonumber(ARGV[first - 1])
if #ARGV ~= first - 1 + 8 * items or #KEYS ~= 8 + window_count + 2 * day_count then
  return redis.error_reply('ERR settle_articles: wrong number of arguments')
end
for i = 0, items - 1 do
  if not string.find(ARGV[first + 8 * i + 2], '^%d+$') then
    return redis.error_reply('ERR settle_articles: a version is no number')
  end
end

local lists = {
  windows = {}, names = {}, days = {}, day_lists = {}, day_totals = {}, day_ttl = ARGV[3],
  totals = KEYS[4], counted = KEYS[5], unfiled = KEYS[6], unfiled_views = KEYS[7],
}
for w = 1, window_count do
  lists.windows[w] = KEYS[8 + w]
  lists.names[w] = ARGV[5 + w]
end
for d = 1, day_count do
  lists.days[d] = ARGV[5 + window_count + d]
  lists.day_lists[d] = KEYS[8 + window_count + d]
  lists.day_totals[d] = KEYS[8 + window_count + day_count + d]
end

-- `known` is negative after a retraction, nil before the first event.
local function apply(article, version, retracted, category)
  local known = tonumber(call('HGET', KEYS[2], article))
  if known and math.abs(known) > tonumber(version) then return end
  if not known then
    file_first(lists, article, category, retracted)
  elseif known > 0 then
    refile(lists, article, call('HGET', KEYS[3], article), category, retracted)
  end
  call('HSET', KEYS[2], article, (retracted and '-' or '') .. version)
  if retracted or category == '' then
    call('HDEL', KEYS[3], article)
  else
    call('HSET', KEYS[3], article, category)
  end
end

local settled = 0
for i = 0, items - 1 do
  local at = first + 8 * i
  local entry, article = ARGV[at], ARGV[at + 1]
  if call('XACK', KEYS[1], ARGV[1], entry) == 1 then
    call('XDEL', KEYS[1], entry)
    settled = settled + 1
    if ARGV[at + 3] == '1' then apply(article, ARGV[at + 2], ARGV[at + 4] == '1', ARGV[at + 5]) end
    local trail = KEYS[8] .. article
    call('HSET', trail, ARGV[at + 6], ARGV[at + 7])
    call('EXPIRE', trail, ARGV[2])
  end
end
return settled
