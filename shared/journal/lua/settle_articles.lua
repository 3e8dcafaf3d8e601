-- Settle article events: acknowledge, delete, note the version and the category, file the article, leave a trail.
--
-- KEYS 1 stream, 2 prefix of the trails, then the article record's (article_record.lua)
-- ARGV 1 group, 2 trail ttl s, then the article record's, then the number of items, then per item:
--   entry id, article id, version, applied 0|1, retracted 0|1, category ('' none), trail stage, trail mark
-- Answers the positions, from 0, of the items that this call settled; the others were settled before.

local call = redis.call
local record, keys_end, first = open_record(3, 3)
local items = tonumber(ARGV[first])
first = first + 1
local fault = fault_of_items(items, first, 8, 2, keys_end)
if fault then return redis.error_reply('ERR settle_articles: ' .. fault) end

local settled = {}
for i = 0, items - 1 do
  local at = first + 8 * i
  local entry, article = ARGV[at], ARGV[at + 1]
  if call('XACK', KEYS[1], ARGV[1], entry) == 1 then
    call('XDEL', KEYS[1], entry)
    settled[#settled + 1] = i
    if ARGV[at + 3] == '1' then
      note_article(record, article, ARGV[at + 2], ARGV[at + 4] == '1', ARGV[at + 5])
    end
    local trail = KEYS[2] .. article
    call('HSET', trail, ARGV[at + 6], ARGV[at + 7])
    call('EXPIRE', trail, ARGV[2])
  end
end
return settled
