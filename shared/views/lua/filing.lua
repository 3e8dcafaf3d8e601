-- Which lists an article stands in. It moves when its first event, another category or a retraction comes in.
--
-- A scope is '' for the lists of all articles and ':<category>' for those of one category: it is the end of each list's
-- key and of each total's field (shared/keys.py). A filed article's scores in the lists of all articles are the
-- authority; its category's lists hold copies.

local call = redis.call

-- `lists`: windows {key}, names {window name}, days {day}, day_lists {key}, day_totals {key}, day_ttl, totals,
-- counted, unfiled, unfiled_views.
local function counts_of(lists, article)
  local counts = {scores = {}, days = {}}
  for w, key in ipairs(lists.windows) do counts.scores[w] = tonumber(call('ZSCORE', key, article)) end
  for d, key in ipairs(lists.day_lists) do counts.days[lists.days[d]] = tonumber(call('ZSCORE', key, article)) end
  return counts
end

local function change_total(lists, w, scope, change, score)
  local field = lists.names[w] .. scope
  local total = change(tonumber(call('HGET', lists.totals, field)), score)
  if total then call('HSET', lists.totals, field, digits(total)) else call('HDEL', lists.totals, field) end
end

local function put(lists, article, counts, scope)
  for w, key in ipairs(lists.windows) do
    local score = counts.scores[w]
    if score then
      call('ZADD', key .. scope, digits(score), article)
      change_total(lists, w, scope, log2_add, score)
    end
  end
  for d, key in ipairs(lists.day_lists) do
    local count = counts.days[lists.days[d]]
    if count then
      call('ZADD', key .. scope, count, article)
      call('HINCRBY', lists.day_totals[d], scope, string.format('%.0f', count))
      call('EXPIRE', key .. scope, lists.day_ttl, 'NX')
      call('EXPIRE', lists.day_totals[d], lists.day_ttl, 'NX')
    end
  end
end

local function take(lists, article, counts, scope)
  for w, key in ipairs(lists.windows) do
    call('ZREM', key .. scope, article)
    if counts.scores[w] then change_total(lists, w, scope, log2_subtract, counts.scores[w]) end
  end
  for d, key in ipairs(lists.day_lists) do
    local count = counts.days[lists.days[d]]
    if count then
      call('ZREM', key .. scope, article)
      call('HINCRBY', lists.day_totals[d], scope, string.format('-%.0f', count))
    end
  end
end

local function scope_of(category)
  return (category and category ~= '') and ':' .. category or nil
end

-- The first event of an article: what was counted without it is given out, to no list when it is a retraction.
local function file_first(lists, article, category, retracted)
  local text = call('HGET', lists.unfiled_views, article)
  if text then
    local record = read_unfiled(text, #lists.windows)
    if record.counted > 0 then call('ZINCRBY', lists.counted, record.counted, article) end
    if not retracted then
      put(lists, article, record, '')
      local scope = scope_of(category)
      if scope then put(lists, article, record, scope) end
    end
  end
  call('HDEL', lists.unfiled_views, article)
  call('ZREM', lists.unfiled, article)
end

local function refile(lists, article, old_category, category, retracted)
  local old_scope = scope_of(old_category)
  local scope = not retracted and scope_of(category) or nil
  if not retracted and old_scope == scope then return end
  local counts = counts_of(lists, article)
  if old_scope then take(lists, article, counts, old_scope) end
  if retracted then take(lists, article, counts, '') end
  if scope then put(lists, article, counts, scope) end
end
