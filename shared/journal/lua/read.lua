-- Hand out entries: those handed out before and not settled come first, then new ones.
--
-- An entry that was delivered before may have killed its worker, so it goes alone and its neighbours survive. Entries
-- whose delivery was taken back (count 0) go together. XCLAIM rather than a read of the consumer's history: it also
-- takes over what another consumer name left behind, and forgets entries that are no longer in the stream.
--
-- KEYS 1 stream; ARGV 1 group, 2 consumer, 3 most entries, 4 bytes of bodies after which there are enough. One at a time,
-- since nobody knows how long an entry is before. Answers id, body, deliveries, id, body, deliveries, ...

local call = redis.call
local answer, handed_out, bytes = {}, 0, 0

local function hand_out(entries, deliveries)
  for _, entry in ipairs(entries) do
    local body, fields = '', entry[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'body' then body = fields[i + 1] end
    end
    answer[#answer + 1] = entry[1]
    answer[#answer + 1] = body
    answer[#answer + 1] = deliveries
    handed_out = handed_out + 1
    bytes = bytes + #body
  end
end

local function is_enough()
  return handed_out >= tonumber(ARGV[3]) or bytes >= tonumber(ARGV[4])
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
  local deliveries = rows[1][4] + 1
  for i, row in ipairs(rows) do
    local is_apart = i > 1 and (deliveries > 1 or row[4] > 0)
    if is_apart or is_enough() then break end
    hand_out(call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], '0', row[1]), deliveries)
  end
  if handed_out > 0 then return answer end
  rows = pending()
end

while not is_enough() do
  local new = call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', '1', 'STREAMS', KEYS[1], '>')
  if not new then break end
  hand_out(new[1][2], 1)
end
return answer
