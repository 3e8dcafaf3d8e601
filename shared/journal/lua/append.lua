-- Append one partition's share of a group commit, once per batch id and once per event.
--
-- KEYS 1 stream, 2 batch, 3 lease, 4 doorbell, 5 prefix of the trails, then the sets of seen events in fours:
--   today's, yesterday's, the day before's and tomorrow's of one bucket
-- ARGV 1 kind, 2 batch ttl s, 3 doorbell ttl ms, 4 seen ttl s, 5 trail ttl s, 6 number of items, then per item:
--   event hash ('' for none), index in KEYS of its bucket's four sets, body;
--   articles also: article id, event id, version, trail mark
-- Answers 1 when a ticket is to be sent, else 0, then the positions (from 0) of the items that were seen before.

local call = redis.call
local articles, items = ARGV[1] ~= 'views', tonumber(ARGV[6])
local stride = articles and 7 or 3

local stored = call('GET', KEYS[2])
if stored then
  local answer = {}
  for word in string.gmatch(stored, '%d+') do answer[#answer + 1] = tonumber(word) end
  return answer
end

if #ARGV ~= 6 + stride * items then return redis.error_reply('ERR append: wrong number of arguments') end
call('XLEN', KEYS[1])

-- Everything that can be wrong is found before the first write, because Lua takes nothing back.
local accepted, duplicates, fresh = {}, {}, {}
for i = 0, items - 1 do
  local at = 7 + stride * i
  local hash = ARGV[at]
  if hash == '' then
    accepted[#accepted + 1] = at
  else
    local sets = tonumber(ARGV[at + 1])
    if not string.find(hash, '^%-?%d+$') or not sets or not KEYS[sets + 3] then
      return redis.error_reply('ERR append: no event hash')
    end
    local seen = fresh[hash]
    for set = sets, sets + 3 do seen = seen or call('SISMEMBER', KEYS[set], hash) == 1 end
    if not seen then
      fresh[hash] = true
      accepted[#accepted + 1] = at
    else
      duplicates[#duplicates + 1] = i
    end
  end
end

if articles then
  for _, at in ipairs(accepted) do
    call('XADD', KEYS[1], '*', 'body', ARGV[at + 2], 'article', ARGV[at + 3], 'event', ARGV[at + 4],
      'version', ARGV[at + 5], 'hash', ARGV[at])
    local trail = KEYS[5] .. ARGV[at + 3]
    call('HSET', trail, 'received', ARGV[at + 6])
    call('EXPIRE', trail, ARGV[5])
  end
elseif #accepted > 0 then
  local bodies = {}
  for i, at in ipairs(accepted) do bodies[i] = ARGV[at + 2] end
  call('XADD', KEYS[1], '*', 'body', '[' .. table.concat(bodies, ',') .. ']')
end
local touched = {}
for _, at in ipairs(accepted) do
  if ARGV[at] ~= '' then
    local today = KEYS[tonumber(ARGV[at + 1])]
    call('SADD', today, ARGV[at])
    touched[today] = true
  end
end
for key in pairs(touched) do call('EXPIRE', key, ARGV[4], 'NX') end

local ring = 0
if #accepted > 0 and not is_running(KEYS[3]) and not is_running(KEYS[4]) then
  call('SET', KEYS[4], '1', 'PX', ARGV[3])
  ring = 1
end
local answer = {ring}
for i, position in ipairs(duplicates) do answer[i + 1] = position end
call('SET', KEYS[2], table.concat(answer, ' '), 'EX', ARGV[2])
return answer
