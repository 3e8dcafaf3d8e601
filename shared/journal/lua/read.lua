-- Hand out entries: those handed out before and not settled come first, then new ones.
--
-- An entry that was delivered before may have killed its worker, so it goes alone and its neighbours survive. Entries
-- whose delivery was taken back (count 0) go together. XCLAIM rather than a read of the consumer's history: it also
-- takes over what another consumer name left behind, and forgets entries that are no longer in the stream.
--
-- KEYS 1 stream; ARGV 1 group, 2 consumer, 3 count. Answers id, body, deliveries, id, body, deliveries, ...

local call = redis.call
local answer = {}

local function hand_out(entry, deliveries)
  local body, fields = '', entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'body' then body = fields[i + 1] end
  end
  answer[#answer + 1] = entry[1]
  answer[#answer + 1] = body
  answer[#answer + 1] = deliveries
end

local function pending()
  local rows = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[3])
  if not rows.err then return rows end
  if not string.find(rows.err, 'NOGROUP', 1, true) then error(rows.err) end
  call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  return {}
end

local rows = pending()
while #rows > 0 do
  local ids, deliveries = {rows[1][1]}, rows[1][4] + 1
  if deliveries == 1 then
    for i = 2, #rows do
      if rows[i][4] > 0 then break end
      ids[i] = rows[i][1]
    end
  end
  local claim = {'XCLAIM', KEYS[1], ARGV[1], ARGV[2], '0'}
  for _, id in ipairs(ids) do claim[#claim + 1] = id end
  for _, entry in ipairs(call(unpack(claim))) do hand_out(entry, deliveries) end
  if #answer > 0 then return answer end
  rows = pending()
end

local new = call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
if new then
  for _, entry in ipairs(new[1][2]) do hand_out(entry, 1) end
end
return answer
