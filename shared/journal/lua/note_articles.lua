-- Note articles that the index has and the record lacks, or has older, and file what was counted for them.
--
-- KEYS the article record's (article_record.lua)
-- ARGV the article record's, then the number of items, then per item: article id, version, retracted 0|1, category
-- ('' none). Answers how many were noted.

local record, keys_end, first = open_record(1, 1)
local items = tonumber(ARGV[first])
first = first + 1
local fault = fault_of_items(items, first, 4, 1, keys_end)
if fault then return redis.error_reply('ERR note_articles: ' .. fault) end

local noted = 0
for i = 0, items - 1 do
  local at = first + 4 * i
  local article, version, retracted = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2] == '1'
  local known = known_version(record, article)
  local knows = known and (math.abs(known) > version or (math.abs(known) == version and (known < 0 or not retracted)))
  if not knows then
    note_article(record, article, ARGV[at + 1], retracted, ARGV[at + 3])
    noted = noted + 1
  end
end
return noted
